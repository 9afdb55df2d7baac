import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { numbersOf } from './looks.ts'
import type { Fitted } from './trusted.ts'

/** Sums over records of each tested source, by its place. */
export interface Memory {
  readonly cols: number // 0: nothing has come yet
  readonly waiting: Float64Array // sources: records that have not been tested yet
  readonly sums: Float64Array // sources × cols: of their numbers
  readonly recent: Float64Array // sources: about the last `remembered` records
  readonly recentSums: Float64Array // sources × cols
}

/** Records of a source that an explanation looks back on, about. */
const remembered = 40

const nothing = new Float64Array(0)
export const empty: Memory = { cols: 0, waiting: nothing, sums: nothing, recent: nothing, recentSums: nothing }

/** The place of each row's source among those that are tested; -1: it is not. */
export function placesOf({ records: { source } }: Encoded, { profiles }: Fitted): Int32Array {
  const places = new Map(profiles.flatMap(({ name }, i) => (name === null ? [] : [[name, i] as const])))
  const of = source.values.map((name) => places.get(name) ?? -1)
  return source.codes.map((code) => of[code] ?? -1)
}

/** Counts a batch in; returns which sources it has records of. */
export function take(batch: Encoded, fitted: Fitted, before: Memory): { memory: Memory; touched: Set<number> } {
  const { looks, profiles } = fitted
  const cols = looks.reduce((sum, { dims }) => sum + dims, 0)
  const memory =
    before.cols === cols && before.waiting.length === profiles.length
      ? before
      : {
          cols,
          waiting: new Float64Array(profiles.length),
          sums: new Float64Array(profiles.length * cols),
          recent: new Float64Array(profiles.length),
          recentSums: new Float64Array(profiles.length * cols),
        }
  const fresh = new Map<number, { count: number; readonly sum: Float64Array }>()
  const x = new Float64Array(cols)
  placesOf(batch, fitted).forEach((place, row) => {
    if (place < 0) return
    let own = fresh.get(place)
    if (own === undefined) fresh.set(place, (own = { count: 0, sum: new Float64Array(cols) }))
    numbersOf(batch, row, x)
    own.count++
    for (let j = 0; j < cols; j++) own.sum[j] = (own.sum[j] ?? 0) + (x[j] ?? 0)
  })
  for (const [place, { count, sum }] of fresh) {
    const kept = Math.max(0, 1 - count / remembered)
    memory.waiting[place] = (memory.waiting[place] ?? 0) + count
    memory.recent[place] = kept * (memory.recent[place] ?? 0) + count
    for (let j = 0; j < cols; j++) {
      const at = place * cols + j
      memory.sums[at] = (memory.sums[at] ?? 0) + (sum[j] ?? 0)
      memory.recentSums[at] = kept * (memory.recentSums[at] ?? 0) + (sum[j] ?? 0)
    }
  }
  return { memory, touched: new Set(fresh.keys()) }
}

export function merge(a: Memory, b: Memory): Memory {
  if (a.cols === 0) return b
  if (b.cols === 0) return a
  const sum = (x: Float64Array, y: Float64Array) => x.map((value, i) => value + (y[i] ?? 0))
  return {
    cols: a.cols,
    waiting: sum(a.waiting, b.waiting),
    sums: sum(a.sums, b.sums),
    recent: sum(a.recent, b.recent),
    recentSums: sum(a.recentSums, b.recentSums),
  }
}

export const codec: Codec<Memory> = {
  encode: ({ cols, waiting, sums, recent, recentSums }) =>
    pack({ json: cols, arrays: { waiting, sums, recent, recentSums } }),
  decode(bytes) {
    const unpacked = unpack(bytes)
    const cols = z.int().min(0).parse(unpacked.json)
    const waiting = arrayOf(unpacked, 'waiting', 'Float64Array')
    return {
      cols,
      waiting,
      sums: arrayOf(unpacked, 'sums', 'Float64Array', waiting.length * cols),
      recent: arrayOf(unpacked, 'recent', 'Float64Array', waiting.length),
      recentSums: arrayOf(unpacked, 'recentSums', 'Float64Array', waiting.length * cols),
    }
  },
}
