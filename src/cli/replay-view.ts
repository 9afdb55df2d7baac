import type { Budget } from '../engine/budget.ts'
import type { Change } from './replay-verdicts.ts'
import type { Look } from './report.ts'
import type { Found, Summary } from './summary.ts'
import { printable, wrap } from './terminal.ts'
import { count, counted, percent, subjectName } from './wording.ts'

/** How the records came out under one pipeline. */
export interface Side extends Pick<Summary, 'counts' | 'batches' | 'findings'> {
  readonly name: string
  readonly budget: Budget
  readonly granularity: 'batch' | 'record'
  readonly onFinding: 'quarantine' | 'observe'
  readonly baseline: string // digest
  readonly alarms: number // subjects that an alarm was raised about
}

export interface Replay {
  readonly taster: string // version
  readonly input: string
  readonly current: Side
  readonly other: Side
  readonly changed: readonly { readonly from: string; readonly to: string; readonly records: number }[]
  readonly examples: readonly Change[]
  readonly changes: string | null // file that holds them all
  readonly interrupted: boolean
}

const words: { readonly [decision: string]: string } = {
  pass: 'passed',
  quarantine: 'held back',
  'dead-letter': 'a dead letter',
}
const shownCauses = 5
const shownIds = 4
const shownAlarms = 10

/** What would be different, for people. */
export function renderReplay(replay: Replay, look: Look): string {
  const { current, other, interrupted } = replay
  const { bold, yellow, green } = look.colours
  const changed = replay.changed.reduce((sum, { records }) => sum + records, 0)
  const of = `of ${counted(other.counts.read, 'record')}`
  const headline = interrupted
    ? `${yellow(bold('INTERRUPTED'))} what follows holds for what was judged until then`
    : changed === 0
      ? `${green(bold('NO DIFFERENCE'))} every one ${of} would be judged alike`
      : `${yellow(bold('DIFFERENT'))} ${count(changed)} ${of} would be judged otherwise`
  return `${[
    headline,
    '',
    ...figures(current, other),
    '',
    ...transitions(replay, look),
    ...alarms('Alarms that would be new', other, current, look),
    ...alarms('Alarms that would not be raised', current, other, look),
  ]
    .join('\n')
    .trimEnd()}\n`
}

function figures(current: Side, other: Side): string[] {
  const held = ({ counts }: Side) =>
    counts.read === 0 ? '0' : `${count(counts.quarantine)} (${percent(counts.quarantine / counts.read)})`
  const rate = ({ alarms, batches }: Side) =>
    batches.judged === 0 ? '–' : Number(((1000 * alarms) / batches.judged).toPrecision(3)).toString()
  const rows: readonly (readonly [string, (side: Side) => string])[] = [
    ['', ({ name }) => printable(name, 40)],
    ['budget', ({ budget }) => `${count(budget.falseAlarms)} in ${count(budget.batches)} batches`],
    ['holds back', ({ onFinding, granularity }) => (onFinding === 'observe' ? 'nothing' : `by ${granularity}`)],
    ['baseline', ({ baseline }) => baseline.slice(0, 15)],
    ['alarms raised', ({ alarms }) => count(alarms)],
    ['in 1,000 batches', rate],
    ['batches flagged', ({ batches }) => `${count(batches.flagged)} of ${count(batches.judged)}`],
    ['queue for review', held],
    ['passed', ({ counts }) => count(counts.clean)],
    ['dead letters', ({ counts }) => count(counts.deadLetter)],
  ]
  const cells = rows.map(([name, of]) => [name, of(current), of(other)] as const)
  const width = (i: 0 | 1) => Math.max(...cells.map((row) => row[i].length))
  return cells.map((row) => `  ${row[0].padEnd(width(0))}  ${row[1].padEnd(width(1))}  ${row[2]}`.trimEnd())
}

function transitions({ changed, examples, changes }: Replay, { width }: Look): string[] {
  if (changed.length === 0) return []
  const lines = changed
    .toSorted((a, b) => b.records - a.records)
    .map(({ from, to, records }) => `  ${counted(records, 'record')}: ${words[from]} now, ${words[to]} then`)
  const causes = new Map<string, [Change, ...Change[]]>()
  for (const change of examples) {
    const cause = JSON.stringify([change.from, change.to, change.reason])
    const alike = causes.get(cause)
    if (alike === undefined) causes.set(cause, [change])
    else alike.push(change)
  }
  const shown = [...causes.values()].slice(0, shownCauses).map((alike) => {
    const [{ from, to, reason }] = alike
    const ids = alike.slice(0, shownIds).map(({ id, where }) => `${printable(id, 60)} (${where})`)
    const why =
      reason === '' ? '' : `; ${to === 'pass' ? 'held back now because' : 'because'} ${printable(reason, 400)}`
    return wrap(`${words[from]}, then ${words[to]}: ${ids.join(', ')} …${why}`, width, '      ', '    ')
  })
  const all = changes === null ? '--changes <file> writes all of them to a file' : `all of them: ${changes}`
  return [...lines, ...shown, `    ${all}`, '']
}

/** Alarms of one side about what the other does not alarm about. */
function alarms(title: string, side: Side, beside: Side, { width }: Look): string[] {
  const key = ({ detector, subject }: Found) => JSON.stringify([detector, subject])
  const known = new Set(beside.findings.map(key))
  const fresh = side.findings.filter((each) => !known.has(key(each)))
  if (fresh.length === 0) return []
  const lines = fresh.slice(0, shownAlarms).map(({ detector, subject, facts, raised, summary }) => {
    const text = `${detector}: ${subjectName(subject, facts)}, at ${raised}: ${printable(summary, 300)}`
    return wrap(text, width, '      ', '    ')
  })
  const more = fresh.length > lines.length ? [`    and ${count(fresh.length - lines.length)} more`] : []
  return [`  ${title}:`, ...lines, ...more, '']
}
