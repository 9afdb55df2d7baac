import { sizeOf } from '../../src/core/batch.ts'
import { valueAt, type Column } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import type { Explanation, Subject } from '../../src/core/measurement.ts'
import { logLevel, type Bounds } from './evidence.ts'
import { copyGap, type LabelBounds } from './label-rates.ts'
import { sketches, type Sketcher } from './sketch.ts'
import { find, gaps, type Window } from './window.ts'

export interface Fitted {
  readonly sketcher: Sketcher
  readonly alike: number
  readonly bounds: Bounds
  readonly labelBounds: LabelBounds
}

const mostSuspects = 100 // all copies of a flood are to be seen
const excerpt = 80 // characters of a repeated text
const mostNames = 5

/** The most frequent values of rows, each with its count: `"a" 12`. */
function frequent(column: Column, rows: readonly number[]): string[] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const value = valueAt(column, row)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return sorted.slice(0, mostNames).map(([value, n]) => `${JSON.stringify(value)} ${n}`)
}

/** What a reviewer is told about a flood, or about copies of records of one label. */
export function explained(subject: Subject, batch: Encoded, fitted: Fitted, window: Window): Explanation {
  if (subject.kind === 'label') return explainedLabel(subject.name, batch, fitted, window)
  const { sketcher, alike, bounds } = fitted
  const sketchOf = sketches(batch, sketcher)
  const copies = new Map<number, number[]>()
  for (let row = 0; row < sizeOf(batch.records); row++) {
    const template = find(window, sketchOf(row), alike)
    if (template < 0) continue
    const rows = copies.get(template)
    if (rows === undefined) copies.set(template, [row])
    else rows.push(row)
  }
  const levels = new Map([...copies.keys()].map((template) => [template, logLevel(window, [template], bounds)]))
  const repeated = [...copies]
    .filter(([template]) => (levels.get(template) ?? 0) > 0)
    .toSorted(([a], [b]) => (levels.get(b) ?? 0) - (levels.get(a) ?? 0))
  const [worst] = repeated
  if (worst === undefined) {
    return { summary: 'Copies flooded earlier batches; this one continues none of them.', suspects: [], facts: {} }
  }
  const [template, rows] = worst
  const { records, since } = strongest(window, [template], bounds)
  const { content } = batch.records
  const first = rows[0] ?? 0
  const text =
    content.kind === 'text' ? (content.text[first] ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, excerpt) : null
  return {
    summary: `${rows.length} records are copies of one another${
      text === null ? '' : `, beginning ${JSON.stringify(text)}`
    }; with earlier ones ${records} among the last ${since}, and trusted records don't repeat like that.`,
    suspects: repeated.flatMap(([, each]) => each).slice(0, mostSuspects),
    facts: {
      copies: rows.length,
      copiesSoFar: records,
      withinRecords: since,
      templates: repeated.length,
      first: batch.records.id[first] ?? '',
      ...(text === null ? {} : { text }),
      sources: frequent(batch.records.source, rows),
      labels: frequent(batch.records.label, rows),
      // how probable another copy is at most, by the number of records within which it comes
      gaps: [...gaps],
      recurrenceBounds: [...bounds],
    },
  }
}

/** The records of a label that came before, or whose copies came in this batch: those copied most first. */
function explainedLabel(
  name: string,
  batch: Encoded,
  { sketcher, alike, labelBounds }: Fitted,
  window: Window,
): Explanation {
  const label = batch.labels.indexOf(name)
  const sketchOf = sketches(batch, sketcher)
  const rows = Array.from(batch.label.keys()).filter((row) => batch.label[row] === label)
  const copiesSoFar = new Map(
    rows.map((row) => {
      const template = find(window, sketchOf(row), alike)
      return [row, template < 0 ? 1 : (window.chain[template * gaps.length + copyGap] ?? 1)]
    }),
  )
  const copied = rows
    .filter((row) => (copiesSoFar.get(row) ?? 1) > 1)
    .toSorted((a, b) => (copiesSoFar.get(b) ?? 0) - (copiesSoFar.get(a) ?? 0) || a - b)
  const bound = labelBounds[label] ?? 1
  return {
    summary: `${copied.length} of ${rows.length} records labelled ${JSON.stringify(name)} are copies of others among the last ${gaps[copyGap]}, where at most ${(100 * bound).toFixed(1)} % are expected: few records are given the weight of many.`,
    suspects: copied.slice(0, mostSuspects),
    facts: {
      label: name,
      copies: copied.length,
      records: rows.length,
      expectedAtMost: bound,
      copiesSoFar: copied.slice(0, mostSuspects).map((row) => copiesSoFar.get(row) ?? 0),
      sources: frequent(batch.records.source, copied),
    },
  }
}

/** Of the template with the strongest evidence: its copies, and how many records ago the first of them came. */
export function strongest(
  window: Window,
  templates: Iterable<number>,
  bounds: Bounds,
): { records: number; since: number } {
  let best = -1
  let most = -Infinity
  for (const template of templates) {
    const level = logLevel(window, [template], bounds)
    if (level > most || best < 0) [best, most] = [template, level]
  }
  return {
    records: window.chain[best * gaps.length + gaps.length - 1] ?? 0,
    since: window.seen - (window.first[best] ?? 0),
  }
}
