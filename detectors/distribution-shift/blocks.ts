import type { Encoded } from '../../src/core/encoded.ts'
import { valueAt } from '../../src/core/column.ts'
import type { Fitted } from './trusted.ts'
import { eachFeatures } from './features.ts'

/** Sums of the features of records, by anchor: those not yet tested, and those of the long block. */
export interface Blocks {
  readonly width: number // 0: nothing waits
  readonly counts: Float64Array // anchors
  readonly sums: Float64Array // anchors × width
}

export const noBlocks: Blocks = { width: 0, counts: new Float64Array(0), sums: new Float64Array(0) }

export function blocksFor({ anchors, centre }: Fitted): Blocks {
  return {
    width: centre.length,
    counts: new Float64Array(anchors.length),
    sums: new Float64Array(anchors.length * centre.length),
  }
}

/** The records of a batch by anchor. Those of the anchor at `only` alone, where one is named. */
export function gather(batch: Encoded, fitted: Fitted): Blocks {
  const { anchors, map } = fitted
  const blocks = blocksFor(fitted)
  const { width, counts, sums } = blocks
  const labels = new Map(anchors.flatMap(({ kind, name }, i) => (kind === 'label' ? [[name, i]] : [])))
  const sources = new Map(anchors.flatMap(({ kind, name }, i) => (kind === 'source' ? [[name, i]] : [])))
  const byLabel = batch.labels.map((name) => labels.get(name) ?? -1)
  const bySource = batch.records.source.values.map((name) => sources.get(name) ?? -1)
  const add = (anchor: number, features: Float64Array) => {
    counts[anchor] = (counts[anchor] ?? 0) + 1
    const from = anchor * width
    for (let j = 0; j < width; j++) sums[from + j] = (sums[from + j] ?? 0) + (features[j] ?? 0)
  }
  eachFeatures(map, batch.vectors, (row, features) => {
    add(0, features)
    const label = byLabel[batch.label[row] ?? -1] ?? -1
    if (label >= 0) add(label, features)
    const source = bySource[batch.records.source.codes[row] ?? -1] ?? -1
    if (source >= 0) add(source, features)
  })
  return blocks
}

/** Adds what fits; what was gathered for other anchors is left out. */
export function addBlocks(to: Blocks, from: Blocks): void {
  if (to.width !== from.width || to.counts.length !== from.counts.length) return
  for (let i = 0; i < to.counts.length; i++) to.counts[i] = (to.counts[i] ?? 0) + (from.counts[i] ?? 0)
  for (let i = 0; i < to.sums.length; i++) to.sums[i] = (to.sums[i] ?? 0) + (from.sums[i] ?? 0)
}

export function clear({ width, counts, sums }: Blocks, anchor: number): void {
  counts[anchor] = 0
  sums.fill(0, anchor * width, (anchor + 1) * width)
}

/** Rows of a batch that an anchor is about. */
export function rowsOf(batch: Encoded, kind: 'stream' | 'label' | 'source', name: string): number[] {
  const rows = Array.from(batch.label, (_, row) => row)
  if (kind === 'stream') return rows
  return rows.filter((row) =>
    kind === 'label' ? batch.labels[batch.label[row] ?? -1] === name : valueAt(batch.records.source, row) === name,
  )
}
