import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import { suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import type { Shares } from './content.ts'
import type { Fitted } from './trusted.ts'

/** Counts of the stream (row 0) and of each tested source (row 1 + its place), by label. */
export interface Memory {
  readonly labels: number // 0: nothing has come yet
  readonly waiting: Float64Array // rows × labels: given labels of records that have not been tested yet
  readonly waitingSays: Float64Array // rows × labels: what the content of these suggests
  readonly given: Float64Array // rows × labels: given labels of about the last `remembered` records
  readonly says: Float64Array // rows × labels: what their content suggests
}

/** Records that an explanation looks back on, about. */
const remembered = 500

export const empty: Memory = {
  labels: 0,
  waiting: new Float64Array(0),
  waitingSays: new Float64Array(0),
  given: new Float64Array(0),
  says: new Float64Array(0),
}

/** Counts a batch in; returns which rows it adds to. Records of other sources, and without label, count for the stream. */
export function take(
  batch: Encoded,
  { labels, sources }: Fitted,
  before: Memory,
): { memory: Memory; touched: Set<number> } {
  const length = (1 + sources.length) * labels
  const memory =
    before.labels === labels && before.given.length === length
      ? before
      : {
          labels,
          waiting: new Float64Array(length),
          waitingSays: new Float64Array(length),
          given: new Float64Array(length),
          says: new Float64Array(length),
        }
  const { source } = batch.records
  const places = new Map(sources.map((name, i) => [name, 1 + i]))
  const placeOf = source.values.map((name) => places.get(name) ?? 0)
  const fresh = new Map<number, Shares>()
  for (let row = 0; row < batch.label.length; row++) {
    const given = batch.label[row] ?? -1
    if (given < 0) continue
    const says = suggestedLabel(batch, row)
    if (says < 0) continue
    const place = placeOf[source.codes[row] ?? -1] ?? 0
    for (const at of place === 0 ? [0] : [0, place]) {
      let shares = fresh.get(at)
      if (shares === undefined) {
        fresh.set(at, (shares = { given: new Float64Array(labels), says: new Float64Array(labels) }))
      }
      shares.given[given] = (shares.given[given] ?? 0) + 1
      shares.says[says] = (shares.says[says] ?? 0) + 1
    }
  }
  for (const [place, shares] of fresh) {
    const at = place * labels
    const n = shares.given.reduce((sum, count) => sum + count, 0)
    const kept = Math.max(0, 1 - n / remembered)
    for (let label = 0; label < labels; label++) {
      const count = shares.given[label] ?? 0
      memory.waiting[at + label] = (memory.waiting[at + label] ?? 0) + count
      memory.waitingSays[at + label] = (memory.waitingSays[at + label] ?? 0) + (shares.says[label] ?? 0)
      memory.given[at + label] = kept * (memory.given[at + label] ?? 0) + count
      memory.says[at + label] = kept * (memory.says[at + label] ?? 0) + (shares.says[label] ?? 0)
    }
  }
  return { memory, touched: new Set(fresh.keys()) }
}

/** What is remembered of a row. */
export function recent({ labels, given, says }: Memory, place: number): Shares {
  return {
    given: given.slice(place * labels, (place + 1) * labels),
    says: says.slice(place * labels, (place + 1) * labels),
  }
}

/** Empty memories and those of other trusted data add nothing. */
export function merge(a: Memory, b: Memory): Memory {
  if (a.labels === 0) return b
  if (b.labels === 0) return a
  const sum = (x: Float64Array, y: Float64Array) => x.map((count, i) => count + (y[i] ?? 0))
  return {
    labels: a.labels,
    waiting: sum(a.waiting, b.waiting),
    waitingSays: sum(a.waitingSays, b.waitingSays),
    given: sum(a.given, b.given),
    says: sum(a.says, b.says),
  }
}

export const codec: Codec<Memory> = {
  encode: ({ labels, ...arrays }) => pack({ json: labels, arrays }),
  decode(bytes) {
    const unpacked = unpack(bytes)
    const labels = z.int().min(0).parse(unpacked.json)
    const waiting = arrayOf(unpacked, 'waiting', 'Float64Array')
    const array = (name: string) => arrayOf(unpacked, name, 'Float64Array', waiting.length)
    return { labels, waiting, waitingSays: array('waitingSays'), given: array('given'), says: array('says') }
  },
}
