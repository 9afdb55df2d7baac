import { valueAt } from '../../core/column.ts'
import { hash32, mix32 } from '../../core/hash.ts'
import { permutation, random } from '../../stats/random.ts'
import { byValue } from './categories.ts'
import type { Pairing } from './columns.ts'
import { binName, binOf } from './numbers.ts'

/** Which columns, and which pairs of columns, features are made of. */
export interface Chosen {
  readonly singles: Int32Array // column
  readonly pairs: Int32Array // two columns a pair
}

/** Every column and every pair, or as many as `most` allows: columns first, then pairs, drawn by the seed. */
export function chooseColumns(columns: number, most: number, seed: number): Chosen {
  const uniform = random(seed)
  const singles = permutation(columns, uniform).subarray(0, most).toSorted()
  if (singles.length < columns) return { singles, pairs: new Int32Array(0) }
  const drawn = draw((columns * (columns - 1)) / 2, most - singles.length, uniform)
  const pairs = new Int32Array(drawn.length * 2)
  let a = 0
  let first = 0 // number of the pair (a, a + 1), where pairs are numbered row by row
  drawn.forEach((pair, i) => {
    while (pair >= first + columns - 1 - a) first += columns - 1 - a++
    pairs.set([a, a + 1 + pair - first], i * 2)
  })
  return { singles, pairs }
}

/** `count` different numbers below `total`, ascending; all of them where there are fewer. */
function draw(total: number, count: number, uniform: () => number): Float64Array {
  if (total <= count * 4) return Float64Array.from(permutation(total, uniform).subarray(0, count)).toSorted()
  const drawn = new Set<number>()
  while (drawn.size < count) drawn.add(Math.floor(uniform() * total))
  return Float64Array.from(drawn).toSorted()
}

/** Visits each feature of one row: `b` is the second column of a pair, or -1. */
export function eachFeature(
  ids: Uint32Array,
  { singles, pairs }: Chosen,
  visit: (id: number, a: number, b: number) => void,
): void {
  for (const column of singles) visit(ids[column] ?? 0, column, -1)
  for (let i = 0; i < pairs.length; i += 2) {
    const a = pairs[i] ?? 0
    const b = pairs[i + 1] ?? 0
    visit(mix32(mix32(ids[a] ?? 0, ids[b] ?? 0), 0x70616972), a, b)
  }
}

/** A function that writes, for a row, the id of (column, its bin or value) of every column. */
export function cellIds(pairings: readonly Pairing[], salt: number): (row: number, out: Uint32Array) => void {
  const ids = pairings.map((pairing): ((row: number) => number) => {
    const column = hash32(pairing.learnt.name, salt)
    if (pairing.kind === 'number') {
      const { learnt, values } = pairing
      return (row) => mix32(column, binOf(learnt, values[row] ?? NaN))
    }
    const missing = mix32(column, 0)
    const found = byValue(pairing.values, (value) => mix32(column, hash32(value, salt)))
    return (row) => found(row) ?? missing
  })
  return (row, out) => ids.forEach((id, column) => (out[column] = id(row)))
}

/** What a row has in a column, for people: `price in [3.2, 4.1)`, `kind = "a"`, `kind is missing`. */
export function cellName(pairing: Pairing, row: number): string {
  if (pairing.kind === 'number') return binName(pairing.learnt, binOf(pairing.learnt, pairing.values[row] ?? NaN))
  const value = valueAt(pairing.values, row)
  if (value === undefined) return `${pairing.learnt.name} is missing`
  return `${pairing.learnt.name} = ${JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value)}`
}
