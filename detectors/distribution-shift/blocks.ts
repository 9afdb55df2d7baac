import type { Encoded } from '../../src/core/encoded.ts'
import { valueAt } from '../../src/core/column.ts'
import { placesOf, sourcePlaces } from '../../src/core/source-mix.ts'
import type { Fitted } from './trusted.ts'
import { eachFeatures } from './features.ts'

/** Sums of the features of records, by anchor: those not yet tested, and those of the long block. */
export interface Blocks {
  readonly width: number // 0: nothing waits
  readonly counts: Float64Array // anchors
  readonly sums: Float64Array // anchors × width
  readonly mix: Float64Array // anchors × places: records by source
}

const none = new Float64Array(0)
export const noBlocks: Blocks = { width: 0, counts: none, sums: none, mix: none }

export function blocksFor({ anchors, centre }: Fitted): Blocks {
  return {
    width: centre.length,
    counts: new Float64Array(anchors.length),
    sums: new Float64Array(anchors.length * centre.length),
    mix: new Float64Array(anchors.length * sourcePlaces),
  }
}

/** The records of a batch by anchor. */
export function gather(batch: Encoded, fitted: Fitted): Blocks {
  const { anchors, map } = fitted
  const blocks = blocksFor(fitted)
  const { width, counts, sums, mix } = blocks
  const { source } = batch.records
  const place = placesOf(source)
  const labels = new Map(anchors.flatMap(({ kind, name }, i) => (kind === 'label' ? [[name, i]] : [])))
  const sources = new Map(anchors.flatMap(({ kind, name }, i) => (kind === 'source' ? [[name, i]] : [])))
  const byLabel = batch.labels.map((name) => labels.get(name) ?? -1)
  const bySource = batch.records.source.values.map((name) => sources.get(name) ?? -1)
  const add = (anchor: number, from: number, features: Float64Array) => {
    counts[anchor] = (counts[anchor] ?? 0) + 1
    const at = anchor * sourcePlaces + from
    mix[at] = (mix[at] ?? 0) + 1
    const first = anchor * width
    for (let j = 0; j < width; j++) sums[first + j] = (sums[first + j] ?? 0) + (features[j] ?? 0)
  }
  eachFeatures(map, batch.vectors, (row, features) => {
    const code = source.codes[row] ?? -1
    const from = place(code)
    add(0, from, features)
    const label = byLabel[batch.label[row] ?? -1] ?? -1
    if (label >= 0) add(label, from, features)
    const own = bySource[code] ?? -1
    if (own >= 0) add(own, from, features)
  })
  return blocks
}

/** Adds what fits; what was gathered for other anchors is left out. */
export function addBlocks(to: Blocks, from: Blocks): void {
  if (to.width !== from.width || to.counts.length !== from.counts.length) return
  for (let i = 0; i < to.counts.length; i++) to.counts[i] = (to.counts[i] ?? 0) + (from.counts[i] ?? 0)
  for (let i = 0; i < to.sums.length; i++) to.sums[i] = (to.sums[i] ?? 0) + (from.sums[i] ?? 0)
  for (let i = 0; i < to.mix.length; i++) to.mix[i] = (to.mix[i] ?? 0) + (from.mix[i] ?? 0)
}

export function clear({ width, counts, sums, mix }: Blocks, anchor: number): void {
  counts[anchor] = 0
  sums.fill(0, anchor * width, (anchor + 1) * width)
  mix.fill(0, anchor * sourcePlaces, (anchor + 1) * sourcePlaces)
}

/** Rows of a batch that an anchor is about. */
export function rowsOf(batch: Encoded, kind: 'stream' | 'label' | 'source', name: string): number[] {
  const rows = Array.from(batch.label, (_, row) => row)
  if (kind === 'stream') return rows
  return rows.filter((row) =>
    kind === 'label' ? batch.labels[batch.label[row] ?? -1] === name : valueAt(batch.records.source, row) === name,
  )
}
