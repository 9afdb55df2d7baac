import { arrayOf, type Unpacked } from '../../src/core/codec.ts'

/** Records of one source whose content says one label: how many, and how many of them were given each other label. */
export interface Tally {
  n: number
  readonly given: Map<number, number> // label → records
}

/** By source and suggested label, see `cellOf`. */
export type Tallies = Map<number, Tally>

/** What is counted along the stream. */
export interface Memory {
  readonly tallies: Tallies
  readonly shed: boolean // some were forgotten: from then on every pair is reported
}

const mostTallies = 20_000

export function count(tallies: Tallies, cell: number, from: number, given: number): void {
  let tally = tallies.get(cell)
  if (tally === undefined) tallies.set(cell, (tally = { n: 0, given: new Map() }))
  tally.n++
  if (given !== from) tally.given.set(given, (tally.given.get(given) ?? 0) + 1)
}

export function merged(a: Tallies, b: Tallies): Tallies {
  const sum: Tallies = new Map([...a].map(([cell, { n, given }]) => [cell, { n, given: new Map(given) }]))
  add(sum, b)
  return sum
}

export function add(to: Tallies, more: Tallies): void {
  for (const [cell, { n, given }] of more) {
    const into = to.get(cell)
    if (into === undefined) {
      to.set(cell, { n, given: new Map(given) })
      continue
    }
    into.n += n
    for (const [label, k] of given) into.given.set(label, (into.given.get(label) ?? 0) + k)
  }
}

/** Forgets the sources that sent least, so that a flood of invented sources pushes out itself. */
export function bounded({ tallies, shed }: Memory): Memory {
  const pairs = [...tallies.values()].reduce((sum, { given }) => sum + 1 + given.size, 0)
  if (pairs <= mostTallies) return { tallies, shed }
  const kept: Tallies = new Map()
  let room = mostTallies / 2
  for (const [cell, each] of [...tallies].toSorted(([a, { n }], [b, { n: m }]) => m - n || a - b)) {
    room -= 1 + each.given.size
    if (room < 0) break
    kept.set(cell, each)
  }
  return { tallies: kept, shed: true }
}

export function packed(tallies: Tallies) {
  const all = [...tallies.values()]
  return {
    cells: Float64Array.from(tallies.keys()),
    records: Float64Array.from(all, ({ n }) => n),
    pairs: Uint32Array.from(all, ({ given }) => given.size),
    given: Uint32Array.from(all.flatMap(({ given }) => [...given.keys()])),
    flips: Float64Array.from(all.flatMap(({ given }) => [...given.values()])),
  }
}

export function unpackedTallies(unpacked: Unpacked): Tallies {
  const cells = arrayOf(unpacked, 'cells', 'Float64Array')
  const records = arrayOf(unpacked, 'records', 'Float64Array', cells.length)
  const pairs = arrayOf(unpacked, 'pairs', 'Uint32Array', cells.length)
  const total = pairs.reduce((sum, each) => sum + each, 0)
  const given = arrayOf(unpacked, 'given', 'Uint32Array', total)
  const flips = arrayOf(unpacked, 'flips', 'Float64Array', total)
  const tallies: Tallies = new Map()
  let at = 0
  cells.forEach((cell, i) => {
    const own = new Map<number, number>()
    for (const end = at + (pairs[i] ?? 0); at < end; at++) own.set(given[at] ?? 0, flips[at] ?? 0)
    tallies.set(cell, { n: records[i] ?? 0, given: own })
  })
  return tallies
}
