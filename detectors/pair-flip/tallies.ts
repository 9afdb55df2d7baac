import { arrayOf, type Unpacked } from '../../src/core/codec.ts'

/** Records of one source by (what content says, label given): the pair's index is says × labels + given. */
export type Tally = Map<number, number>

/** By hash of the source. */
export type Tallies = Map<number, Tally>

/** What is counted along the stream. */
export interface Memory {
  readonly tallies: Tallies
  readonly shed: boolean // some were forgotten: from then on every pair is reported
}

const mostCounts = 20_000

/** Adds to one count. */
export function count(tallies: Tallies, source: number, pair: number, n = 1): void {
  let tally = tallies.get(source)
  if (tally === undefined) tallies.set(source, (tally = new Map()))
  tally.set(pair, (tally.get(pair) ?? 0) + n)
}

export function add(to: Tallies, more: Tallies): void {
  for (const [source, tally] of more) for (const [pair, n] of tally) count(to, source, pair, n)
}

export function total(tally: Tally): number {
  let sum = 0
  for (const n of tally.values()) sum += n
  return sum
}

/** Records whose content says a label, and records that were given it. */
export function margins(tally: Tally | undefined, labels: number, says: number, given: number) {
  const margin = { k: tally?.get(says * labels + given) ?? 0, says: 0, given: 0 }
  for (const [pair, n] of tally ?? []) {
    if (Math.floor(pair / labels) === says) margin.says += n
    if (pair % labels === given) margin.given += n
  }
  return margin
}

/** Forgets the sources that sent least, so that a flood of invented sources pushes out itself. */
export function bounded({ tallies, shed }: Memory): Memory {
  let counts = 0
  for (const tally of tallies.values()) counts += tally.size
  if (counts <= mostCounts) return { tallies, shed }
  const kept: Tallies = new Map()
  const sized = [...tallies].map(([source, tally]) => ({ source, tally, n: total(tally) }))
  let room = mostCounts / 2
  for (const { source, tally } of sized.toSorted((a, b) => b.n - a.n || a.source - b.source)) {
    room -= tally.size
    if (room < 0) break
    kept.set(source, tally)
  }
  return { tallies: kept, shed: true }
}

export function packed(tallies: Tallies) {
  const all = [...tallies.values()]
  return {
    sources: Float64Array.from(tallies.keys()),
    sizes: Uint32Array.from(all, ({ size }) => size),
    pairs: Float64Array.from(all.flatMap((tally) => [...tally.keys()])),
    counts: Float64Array.from(all.flatMap((tally) => [...tally.values()])),
  }
}

export function unpackedTallies(unpacked: Unpacked): Tallies {
  const sources = arrayOf(unpacked, 'sources', 'Float64Array')
  const sizes = arrayOf(unpacked, 'sizes', 'Uint32Array', sources.length)
  const length = sizes.reduce((sum, size) => sum + size, 0)
  const pairs = arrayOf(unpacked, 'pairs', 'Float64Array', length)
  const counts = arrayOf(unpacked, 'counts', 'Float64Array', length)
  const tallies: Tallies = new Map()
  let at = 0
  sources.forEach((source, i) => {
    const tally: Tally = new Map()
    for (const end = at + (sizes[i] ?? 0); at < end; at++) tally.set(pairs[at] ?? 0, counts[at] ?? 0)
    tallies.set(source, tally)
  })
  return tallies
}
