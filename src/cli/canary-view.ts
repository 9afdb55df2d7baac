import type { AttackResult, Delay } from '../canary/tally.ts'
import type { CanaryReport } from './canary-once.ts'
import type { Look } from './report.ts'
import { wrap } from './terminal.ts'
import { count, counted, percent } from './wording.ts'

const whole = (value: number | null) => (value === null ? '–' : count(Math.round(value)))
const delay = ({ median, most }: Delay) => (median === null && most === null ? '–' : `${whole(median)}, ${whole(most)}`)

function recall({ trials, recall: { value, lower, upper } }: AttackResult): string {
  return value === null || trials === 0
    ? 'not tried'
    : `${percent(value)} (${Math.round(100 * lower)}–${Math.round(100 * upper)})`
}

const columns: readonly (readonly [title: string, of: (result: AttackResult) => string])[] = [
  ['attack', ({ attack }) => attack],
  ['trials', ({ trials }) => count(trials)],
  ['caught', recall],
  ['poisons before', ({ admitted }) => delay(admitted)],
  ['records', ({ records }) => delay(records)],
  ['alarm anyway', ({ trials, anyway }) => (trials === 0 ? '–' : percent(anyway / trials))],
  ['named by', ({ detectors }) => detectors.map(({ detector }) => detector).join(', ')],
]

/** How well poisons were caught, for people. */
export function renderCanary(report: CanaryReport, { width, colours: { bold, yellow } }: Look): string {
  const { attacks, all, stream, budget, batches, rate, cutOff } = report
  const head = report.interrupted
    ? `${yellow(bold('INTERRUPTED'))} what follows holds for what was judged until then`
    : all.trials === 0
      ? `${yellow(bold('NOTHING TRIED TO ITS END'))} ${tooShort(report)}`
      : `${bold(`${count(all.caught)} OF ${count(all.trials)} CAUGHT`)} ${percent(rate)} of records poisoned, for ${counted(batches, 'batch', 'batches')} at most`
  const fire: readonly string[] = [
    'always firing',
    count(all.trials),
    all.trials === 0 ? 'not tried' : '100 %',
    all.trials === 0 ? '–' : '0, 0',
    delay(all.alwaysFire.records),
    '100 %',
    '',
  ]
  const rows = [
    columns.map(([title]) => title),
    ...attacks.map((result) => columns.map(([, of]) => of(result))),
    columns.map(([, of]) => of({ ...all, attack: 'all', detectors: [] })),
    fire,
  ]
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const table = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
  const held = stream.records === 0 ? 0 : stream.heldBack / stream.records
  const notes = [
    'Caught with its exact 95 % interval. Poisons before the batch that was named, and records judged from the first poison on: median and 90 % of trials; – where that many were not caught.',
    `Alarm anyway: trials with an alarm without poisons, too, which is what chance, or a poisoned stream, would catch.`,
    `Of the stream itself Taster held back ${percent(held)} (${count(stream.heldBack)} of ${counted(stream.records, 'record')}) at ${counted(budget.falseAlarms, 'false alarm')} in ${count(budget.batches)} batches; always firing holds back 100 %.`,
    ...(cutOff > 0
      ? [
          `${counted(cutOff, 'trial')} began less than ${counted(batches, 'batch', 'batches')} before the end: not counted.`,
        ]
      : []),
  ]
  return `${[wrap(head, width), '', ...table, '', ...notes.map((note) => wrap(note, width, '    ', '  '))].join('\n')}\n`
}

function tooShort({ stream, batches }: CanaryReport): string {
  return `there were ${counted(stream.batches, 'batch', 'batches')}, and a trial may take ${count(batches)}: give more records, or a smaller --batches`
}
