import Table from 'cli-table3'
import type { Manifest } from '../baseline/manifest.ts'
import type { Look } from './report.ts'
import { printable, wrap } from './terminal.ts'
import { count, counted, percent, quoted } from './wording.ts'

/** Labels, sizes and detectors beyond so many rows of a table are only counted: `--json` has them all. */
const shownRows = 40

/** What `taster baseline show` prints. Nothing from the data can act on the terminal. */
export function renderBaseline(digest: string, manifest: Manifest, look: Look): string {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', look.colours.bold(title), ...lines]
  return [
    ...origin(digest, manifest, look),
    ...section('Trusted records', rows(manifest)),
    ...section('Calibration: where the tail of what clean records measure begins', calibrations(manifest)),
    ...section('False alarms on the validation split, which nothing was fitted to', rates(manifest)),
    ...section('Switched off', off(manifest, look)),
    ...section('Warnings', warnings(manifest, look)),
    '',
  ].join('\n')
}

function origin(digest: string, manifest: Manifest, { width, colours }: Look): string[] {
  const { content, encoder, engine, seed, sources, duplicates, neighbours, rows: byLabel } = manifest
  const total = byLabel.reduce((sum, row) => sum + row.reference + row.calibration + row.validation, 0)
  const trusted = `${counted(total, 'trusted record')} (${content}) of ${counted(sources.length, 'source')}`
  const copies = duplicates === 0 ? 'no content twice' : `${count(duplicates)} share their content with another`
  const params = JSON.stringify(encoder.params)
  return [
    `${colours.bold('baseline')} ${digest}`,
    wrap(`fitted by Taster ${printable(engine, 40)} with seed ${seed} from ${trusted}, ${copies}`, width, '  '),
    wrap(
      `encoder ${encoder.name} ${printable(params, 300)}: ${counted(encoder.dims, 'dimension')}, ${counted(neighbours, 'neighbour')} to compare with`,
      width,
      '  ',
    ),
  ]
}

function rows({ rows: byLabel }: Manifest): string[] {
  const sum = (part: 'reference' | 'calibration' | 'validation') => byLabel.reduce((total, row) => total + row[part], 0)
  const line = (name: string, reference: number, calibration: number, validation: number) => [
    name,
    ...[reference, calibration, validation, reference + calibration + validation].map(count),
  ]
  return table(
    ['label', 'reference', 'calibration', 'validation', 'all'],
    byLabel.map((row) => line(nameOf(row.label, 'none'), row.reference, row.calibration, row.validation)),
    byLabel.length > 1 ? line('all', sum('reference'), sum('calibration'), sum('validation')) : undefined,
  )
}

function calibrations({ detectors }: Manifest): string[] {
  return table(
    ['detector', 'label', 'unit', 'values', '95 %', '99 %'],
    detectors.flatMap(({ name, calibration }) =>
      calibration.length === 0
        ? [[name, '', 'gives evidence itself', '', '', '']]
        : calibration.map(({ label, size, values, q95, q99 }) => [
            name,
            nameOf(label, 'all'),
            size === null ? 'records' : `batches of ${count(size)}`,
            values === 0 ? 'too few' : count(values),
            q95 === null ? '' : digits(q95),
            q99 === null ? '' : digits(q99),
          ]),
    ),
  )
}

function rates({ detectors }: Manifest): string[] {
  return table(
    ['detector', 'level', 'unit', 'alarms', 'trials', 'rate', '95 % interval'],
    detectors.flatMap(({ name, realised }) =>
      realised.map(({ alpha, unit, records, alarms, trials, lower, upper }) => [
        name,
        percent(alpha),
        unit === 'records' ? unit : `batches of ${count(records)}`,
        count(alarms),
        count(trials),
        trials === 0 ? 'not measured' : percent(alarms / trials),
        trials === 0 ? '' : `${percent(lower)} to ${percent(upper)}`,
      ]),
    ),
  )
}

function off(manifest: Manifest, { width, colours }: Look): string[] {
  return manifest.off.map(({ name, reason }) =>
    wrap(`${colours.red(name)}: ${printable(reason, 2000)}`, width, '    ', '  '),
  )
}

function warnings(manifest: Manifest, { width, colours }: Look): string[] {
  return manifest.warnings.map((warning) => wrap(printable(warning, 2000), width, '    ', `  ${colours.yellow('!')} `))
}

const nameOf = (label: string | null, otherwise: string) => (label === null ? otherwise : quoted(label, 40))
const digits = (value: number) => String(Number(value.toPrecision(3)))

/** Columns without rules, numbers to the right; the last row may be a sum. */
function table(head: readonly string[], body: readonly (readonly string[])[], sum?: readonly string[]): string[] {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' }
  const nor = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' }
  const drawn = new Table({
    chars: { ...none, ...nor, right: '', 'right-mid': '', middle: '' },
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
    colAligns: head.map((name) => (words.has(name) ? 'left' : 'right')),
  })
  drawn.push([...head], ...body.slice(0, shownRows).map((row) => [...row]), ...(sum === undefined ? [] : [[...sum]]))
  const rest = body.length - shownRows
  const lines = drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  return rest > 0 ? [...lines, `  and ${count(rest)} more rows: --json has them all`] : lines
}

const words = new Set(['label', 'detector', 'unit'])
