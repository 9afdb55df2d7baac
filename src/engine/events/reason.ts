import type { Batch } from '../../core/batch.ts'
import { valueAt } from '../../core/column.ts'
import type { Finding } from '../../core/verdict.ts'
import { atOf } from './position.ts'
import { cut, cutFacts, cutName, cutSubject, finite, mostBytes } from './bounds.ts'

const mostSuspects = 20
const mostSources = 10

/** A finding as events tell it: what was found, who delivered it, and what to look at first. */
export function reasonOf(batch: Batch, finding: Finding) {
  const { detector, subject, logE, threshold, raised, onset, rows, explanation } = finding
  const { summary, suspects, facts } = explanation
  return {
    detector,
    subject: cutSubject(subject),
    logE: finite(logE),
    threshold: finite(threshold),
    raised,
    onset: onset === null ? null : atOf(onset),
    summary: cut(summary, mostBytes.summary),
    facts: cutFacts(facts),
    rows: rows.length,
    sources: sourcesOf(batch, rows),
    suspects: suspects.slice(0, mostSuspects).map((row) => suspectOf(batch, row)),
  }
}

function suspectOf(batch: Batch, row: number) {
  return {
    id: cutName(batch.id[row] ?? ''),
    source: nameAt(valueAt(batch.source, row)),
    label: nameAt(valueAt(batch.label, row)),
    offset: String(batch.messages[batch.messageOf[row] ?? -1]?.at.offset ?? 0n),
    row: batch.rowOf[row] ?? 0,
  }
}

function nameAt(name: string | undefined): string | null {
  return name === undefined ? null : cutName(name)
}

/** The sources that most rows came from; null stands for rows that name none. */
function sourcesOf({ source }: Batch, rows: readonly number[]) {
  const counts = new Map<number, number>()
  for (const row of rows) {
    const code = source.codes[row] ?? -1
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([a, countA], [b, countB]) => countB - countA || a - b)
    .slice(0, mostSources)
    .map(([code, count]) => ({ source: nameAt(source.values[code]), rows: count }))
}
