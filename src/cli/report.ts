import type { Manifest } from '../baseline/manifest.ts'
import type { Budget } from '../engine/budget.ts'
import { printable, wrap, type coloursFor } from './terminal.ts'
import type { Found, Summary } from './summary.ts'
import { auditLines, type Audit } from './audit.ts'
import { doubts, recalled, recalledRows } from './caveats.ts'
import { count, counted, fromLog, percent, quoted, subjectName } from './wording.ts'

/** Everything that is worth telling at the end of a run: `report.json` as it is, `report.txt` in words. */
export interface Report extends Summary {
  readonly taster: string // version
  readonly pipeline: string
  readonly budget: Budget
  readonly granularity: 'batch' | 'record'
  readonly onFinding: 'quarantine' | 'observe'
  readonly batchRecords: number
  readonly baseline: {
    readonly digest: string
    readonly folder: string
    readonly manifest: Pick<Manifest, 'encoder' | 'rows' | 'detectors' | 'off' | 'warnings'>
  }
  readonly out: string
  readonly audit: Audit | null // where one was asked for
  readonly interrupted: boolean
}

export interface Look {
  readonly width: number
  readonly colours: ReturnType<typeof coloursFor>
}

const shownFindings = 10
const shownFiles = 5
const longest = 2000 // characters of a sentence: enough for each of ours, and data cannot fill the screen
const shownLevel = 0.01 // of those that a baseline was validated at

export const isFlagged = ({ counts, findings }: Summary): boolean =>
  counts.quarantine + counts.deadLetter + findings.length > 0

/** Aligned columns, two spaces between them; the columns of numbers named in `right` end at the same place. */
function table(rows: readonly (readonly string[])[], right: readonly number[] = [], indent = '  '): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? []
  return rows.map((row) =>
    (
      indent +
      row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')
    ).trimEnd(),
  )
}

function headline(report: Report, { colours }: Look): string {
  const { counts, findings, interrupted } = report
  const read = counted(counts.read, 'record')
  if (interrupted)
    return `${colours.yellow(colours.bold('INTERRUPTED'))} after ${read}: what follows holds for these only`
  if (counts.read === 0) return `${colours.yellow(colours.bold('NOTHING READ'))} the input holds no records`
  if (!isFlagged(report)) {
    const what = doubts(report).length === 0 ? 'in them' : 'that was tested in them'
    return `${colours.green(colours.bold('CLEAN'))} ${read}, and nothing ${what} asks for attention`
  }
  const listed = together(findings).length + report.findingsLeftOut
  const parts = [
    ...(listed === 0 ? [] : [counted(listed, 'finding')]),
    ...(counts.quarantine === 0 ? [] : [`${count(counts.quarantine)} quarantined`]),
    ...(counts.deadLetter === 0 ? [] : [`${count(counts.deadLetter)} unreadable`]),
  ]
  return `${colours.red(colours.bold('FLAGGED'))} ${parts.join(', ')} of ${read}`
}

function counts({
  counts: { read, clean, quarantine, deadLetter, repeatedIds },
  files,
  batches,
  batchRecords,
  out,
}: Report): string[] {
  const share = (n: number) => (read === 0 ? '' : percent(n / read))
  const listed = files.slice(0, shownFiles).map(({ path, rows }) => `${printable(path, 60)} (${count(rows)})`)
  const others = files.length > shownFiles ? [`and ${count(files.length - shownFiles)} more`] : []
  return [
    ...table(
      [
        ['read', count(read), '', [...listed, ...others].join(', ')],
        ['clean', count(clean), share(clean), `${out}/clean`],
        ['quarantine', count(quarantine), share(quarantine), `${out}/quarantine`],
        ['dead letter', count(deadLetter), share(deadLetter), `${out}/dead-letter`],
      ],
      [1, 2],
    ),
    `  ${counted(batches.judged, 'batch', 'batches')} of up to ${counted(batchRecords, 'record')}, ${count(batches.flagged)} flagged`,
    ...(repeatedIds === 0 ? [] : [`  ${counted(repeatedIds, 'record')} with the id of an earlier one`]),
  ]
}

/** Findings of one detector whose alarm was raised in the same batch, strongest first: most often one cause. */
function together(findings: readonly Found[]): readonly (readonly [Found, ...Found[]])[] {
  const groups = new Map<string, [Found, ...Found[]]>()
  for (const found of findings) {
    const key = JSON.stringify([found.detector, found.raised])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [found])
    else group.push(found)
  }
  return [...groups.values()]
}

function findingLines(
  [found, ...others]: readonly [Found, ...Found[]],
  rank: number,
  { width, colours }: Look,
): string[] {
  const indent = '     '
  const since =
    found.onset === found.raised ? `since ${found.raised}` : `since ${found.onset}, alarm at ${found.raised}`
  const evidence = `evidence e = ${fromLog(found.logE)}, alarm from ${fromLog(found.threshold)}`
  const extent = `${counted(found.batches, 'batch', 'batches')} with ${counted(found.records, 'record')}`
  const suspects = found.suspects.map((id) => printable(id, 40)).join(', ')
  const names = others.slice(0, 5).map(({ subject, facts }) => subjectName(subject, facts))
  const more = others.length > names.length ? ` and ${count(others.length - names.length)} more` : ''
  return [
    `${String(rank).padStart(3)}. ${colours.bold(found.detector)}: ${subjectName(found.subject, found.facts)}`,
    wrap(printable(found.summary, longest), width, indent),
    wrap(`${evidence}; ${since}; ${extent}`, width, indent),
    ...(others.length === 0 ? [] : [wrap(`raised together with ${names.join(', ')}${more}`, width, indent)]),
    ...(suspects === '' ? [] : [colours.dim(wrap(`look first at: ${suspects}`, width, `${indent}  `, indent))]),
  ]
}

function findings(report: Report, look: Look): string[] {
  const groups = together(report.findings)
  if (groups.length === 0) return ['  none']
  const lines = groups.slice(0, shownFindings).flatMap((group, i) => findingLines(group, i + 1, look))
  const left = groups.slice(shownFindings).length + report.findingsLeftOut
  return left === 0 ? lines : [...lines, `     and ${count(left)} weaker ones: see report.json and events.ndjson`]
}

function diverted({ diverted: all }: Report, { width }: Look): string[] {
  return all.flatMap(({ code, decision, count: n, example }) => [
    `  ${count(n)} × ${code} (${decision})`,
    wrap(`${example.where}: ${printable(example.reason, longest)}`, width, '       ', '     '),
  ])
}

function untested({ waiting, baseline }: Report, { width }: Look): string[] {
  return [
    ...baseline.manifest.off.map(({ name, reason }) =>
      wrap(`${name} is off: ${printable(reason, longest)}`, width, '    ', '  '),
    ),
    ...waiting.map(({ detector, subjects, example }) =>
      wrap(
        `${detector}: insufficient evidence for ${counted(subjects, 'subject')}; furthest is ${subjectName(example.subject)} with ${count(example.records)} of ${counted(example.needed, 'record')}`,
        width,
        '    ',
        '  ',
      ),
    ),
  ]
}

function falseAlarms({ budget, baseline }: Report, { width }: Look): string[] {
  const rows = baseline.manifest.detectors.flatMap(({ name, realised }) =>
    realised
      .filter(({ alpha }) => alpha === shownLevel)
      .map(({ unit, alarms, trials, lower, upper }) => [
        name,
        unit,
        trials === 0 ? 'not measured' : `${percent(alarms / trials)} (${count(alarms)} of ${count(trials)})`,
        trials === 0 ? '' : `${percent(lower)} to ${percent(upper)}`,
      ]),
  )
  return [
    wrap(
      `budget: ${counted(budget.falseAlarms, 'false alarm')} in ${counted(budget.batches, 'batch', 'batches')}; an alarm needs e = ${count(Math.round(budget.batches / budget.falseAlarms))}`,
      width,
      '  ',
    ),
    ...(rows.length === 0
      ? []
      : table([['alarms at p = 0.01', 'among', 'trusted validation data', '95 % interval'], ...rows])),
    ...baseline.manifest.warnings.map((warning) =>
      wrap(`warning: ${printable(warning, longest)}`, width, '    ', '  '),
    ),
  ]
}

function next(report: Report, { width }: Look): string[] {
  const { counts: n, out, baseline } = report
  const steps = [
    ...(report.findings.length > 0
      ? [
          `Look through ${out}/quarantine with the suspects above; ${out}/events.ndjson holds the evidence and what to recall.`,
        ]
      : []),
    ...(report.onFinding === 'observe' && report.findings.length > 0
      ? ['The policy is to observe: nothing was held back for these findings.']
      : []),
    ...(n.deadLetter > 0 ? [`Mend what is in ${out}/dead-letter and inspect it again.`] : []),
    ...(n.clean > 0
      ? [
          report.recalled.length === 0
            ? `${out}/clean holds what may be used.`
            : `${out}/clean holds what may be used, except the ${counted(recalledRows(report.recalled), 'recalled record')}: drop the rows named above.`,
        ]
      : []),
    `Judge more by the same baseline: --baseline ${baseline.folder}`,
  ]
  return steps.map((step) => wrap(step, width, '    ', '  - '))
}

/** The report as a person reads it. Nothing from the data can act on the terminal. */
export function renderReport(report: Report, look: Look): string {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', look.colours.bold(title), ...lines]
  const { encoder, rows } = report.baseline.manifest
  const trusted = rows.reduce((sum, row) => sum + row.reference + row.calibration + row.validation, 0)
  return [
    headline(report, look),
    ...doubts(report).map((doubt) => look.colours.yellow(wrap(printable(doubt, longest), look.width, '    ', '  '))),
    '',
    ...counts(report),
    ...section('Recalled', recalled(report, look)),
    ...section('Findings, strongest first', findings(report, look)),
    ...section('Not judged', diverted(report, look)),
    ...section('Not tested, or not yet', untested(report, look)),
    ...section('False alarms', falseAlarms(report, look)),
    ...section('Audit', auditLines(report.audit, look)),
    ...section('Judged by', [
      wrap(
        `pipeline ${quoted(report.pipeline)}, encoder ${encoder.name}, ${counted(trusted, 'trusted record')}, Taster ${report.taster}, baseline`,
        look.width,
        '  ',
      ),
      `  ${report.baseline.digest}`,
    ]),
    ...section('Next', next(report, look)),
    '',
  ].join('\n')
}
