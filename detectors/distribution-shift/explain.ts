import type { Encoded } from '../../src/core/encoded.ts'
import type { Explanation, Subject } from '../../src/core/measurement.ts'
import { printable } from '../../src/core/printable.ts'
import { valueAt } from '../../src/core/column.ts'
import { rowsOf } from './blocks.ts'
import { columnsMoved } from './columns-moved.ts'
import { eachFeatures } from './features.ts'
import { displacement } from './p-values.ts'
import { columnsOf, type Sample } from './sample.ts'
import type { Fitted } from './trusted.ts'
import { exactMmd } from './verify.ts'

const mostSuspects = 20
const mostColumns = 3

/** What moved, as far as this batch shows it, and whether an exact test of this batch alone agrees. */
export function explain(subject: Subject, batch: Encoded, fitted: Fitted): Explanation {
  const anchor = fitted.anchors.find(
    ({ kind, name }) =>
      kind === subject.kind && (subject.kind === 'stream' || ('name' in subject && name === subject.name)),
  )
  const rows = anchor === undefined ? [] : rowsOf(batch, anchor.kind, anchor.name)
  if (anchor === undefined || rows.length === 0 || batch.vectors.cols !== fitted.map.mean.length) {
    return { summary: 'The content had shifted before; this batch has none of what shifted.', suspects: [], facts: {} }
  }
  const width = fitted.centre.length
  const features = new Map<number, Float64Array>()
  const wanted = new Set(rows)
  const sum = new Float64Array(width)
  eachFeatures(fitted.map, batch.vectors, (row, values) => {
    if (!wanted.has(row)) return
    features.set(row, values.slice())
    for (let j = 0; j < width; j++) sum[j] = (sum[j] ?? 0) + (values[j] ?? 0)
  })
  const moved = displacement(fitted, anchor, sum, rows.length)
  const length = Math.sqrt(moved.reduce((total, x) => total + x * x, 0))
  const along = (row: number) => {
    const own = displacement(fitted, anchor, features.get(row) ?? sum, 1)
    return own.reduce((total, x, j) => total + (x * (moved[j] ?? 0)) / (length || 1), 0)
  }
  const distances = new Map(rows.map((row) => [row, along(row)]))
  const suspects = rows.toSorted((a, b) => (distances.get(b) ?? 0) - (distances.get(a) ?? 0)).slice(0, mostSuspects)

  const trusted = sampleRows(fitted.sample, batch.labels, anchor)
  const exact = exactMmd(fitted.sample.vectors, trusted, batch.vectors, rows)
  const columns = columnsMoved(fitted.sample.columns, trusted, columnsOf(batch.records.content), rows)
  const expected = Math.sqrt(anchor.noise / rows.length)
  const whose =
    anchor.kind === 'stream' ? '' : ` ${anchor.kind === 'label' ? 'labelled' : 'of source'} ${quoted(anchor.name)}`
  const what = columns.slice(0, mostColumns).map(({ name, how }) => `${quoted(name)}, ${how}`)
  return {
    summary: `the content of ${rows.length} records${whose} is not spread as in trusted ones: their mean lies ${(length / expected).toFixed(1)} times as far out as chance would put it${
      what.length === 0 ? '' : `; moved most: ${what.join('; ')}`
    }.`,
    suspects,
    facts: {
      records: rows.length,
      displacement: length,
      expectedDisplacement: expected,
      ...(exact === null
        ? {}
        : { mmdSquared: exact.mmdSquared, permutationP: exact.p, comparedRecords: exact.records }),
      ...(columns.length === 0
        ? {}
        : {
            columns: columns.map(({ name }) => name),
            columnP: columns.map(({ p }) => p),
            columnChanges: columns.map(({ how }) => how),
          }),
      suspectDistances: suspects.map((row) => distances.get(row) ?? 0),
    },
  }
}

const quoted = (name: string) => JSON.stringify(printable(name, 80))

function sampleRows(
  sample: Sample,
  labels: readonly string[],
  { kind, name }: { kind: string; name: string },
): number[] {
  const rows = Array.from(sample.label, (_, row) => row)
  if (kind === 'stream') return rows
  return rows.filter((row) =>
    kind === 'label' ? labels[sample.label[row] ?? -1] === name : valueAt(sample.source, row) === name,
  )
}
