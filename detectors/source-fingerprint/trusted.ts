import { rowsByValue } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { stretchesOf } from '../../src/core/stretches.ts'
import { superuniformPower } from '../../src/stats/superuniform-power.ts'
import { looksOf, numbersOf, type Look } from './looks.ts'
import { blockSize, logRatio, meanOf, profileOf, rivalsOf, type Profile } from './profile.ts'
import { factorsOf, whitened, type Factors } from './whitening.ts'

export interface Fitted {
  readonly dims: number // of vectors
  readonly looks: readonly Look[]
  readonly factors: Factors
  readonly profiles: readonly Profile[]
  readonly few: readonly { readonly name: string; readonly records: number }[] // trusted sources that are not tested
  readonly power: number // that likelihood ratios are tempered by
}

/** A source has a profile where it has so many reference records. */
export const fewestOfSource = 60
const stretches = 4
const fewestBlocks = 20
const mostSources = 500
const mostNumbers = 2 ** 18 // sources × dimensions
const mostFew = 2000

/** Without profiles where no source can be told from the others: then there is nothing that could be borrowed. */
export function learn(reference: Encoded, shrinkage: number): Fitted {
  const looks = looksOf(reference)
  const cols = looks.reduce((sum, look) => sum + look.dims, 0)
  const sorted = rowsByValue(reference.records.source)
  const most = Math.min(mostSources, Math.max(1, Math.floor(mostNumbers / cols)))
  const known = sorted.filter(([, rows]) => rows.length >= fewestOfSource).slice(0, most)
  const others = sorted.slice(known.length)
  const few = others
    .filter(([, rows]) => rows.length < fewestOfSource)
    .slice(0, mostFew)
    .map(([name, rows]) => ({ name, records: rows.length }))
  const dims = reference.vectors.cols
  const alike: Fitted = { dims, looks, factors: looks.map(() => new Float64Array(0)), profiles: [], few, power: 0 }
  if (known.length === 0) return alike

  const numbers = known.map(([, rows]) => numbersOfRows(reference, rows, cols))
  const factors = factorsOf(centred(numbers, cols), looks, shrinkage)
  const white = numbers.map((own) => own.map((x) => whitened(x, looks, factors)))
  const rest = numbersOfRows(
    reference,
    others.flatMap(([, rows]) => rows),
    cols,
  ).map((x) => whitened(x, looks, factors))
  const profiles = [
    ...white.map((own, i) => profileOf(known[i]?.[0] ?? '', own, cols)),
    ...(rest.length < fewestOfSource ? [] : [profileOf(null, rest, cols)]),
  ]
  const order = known.map(([, rows]) => {
    const places = new Map(rows.map((row, i) => [row, i]))
    return stretchesOf(rows, reference.records.at, stretches).map((part) => part.map((row) => places.get(row) ?? 0))
  })
  const power = powerOf(white, order, profiles)
  return power === 0 ? alike : { dims, looks, factors, profiles, few, power }
}

function numbersOfRows(reference: Encoded, rows: readonly number[], cols: number): Float64Array[] {
  return rows.map((row) => {
    const x = new Float64Array(cols)
    numbersOf(reference, row, x)
    return x
  })
}

/** All records, each less the mean of its source. */
function centred(sources: readonly (readonly Float64Array[])[], cols: number) {
  const rows = sources.reduce((sum, { length }) => sum + length, 0)
  const data = new Float64Array(rows * cols)
  let at = 0
  for (const numbers of sources) {
    const mean = meanOf(numbers, cols)
    for (const x of numbers) for (let j = 0; j < cols; j++) data[at++] = (x[j] ?? 0) - (mean[j] ?? 0)
  }
  return { rows, cols, data }
}

/**
 * What likelihood ratios must be tempered by for honest runs of records to look no stranger than chance: each source's
 * blocks of one stretch of time against its records of all other stretches, short blocks and whole stretches. 1/ratio is
 * a p-value (Markov's inequality). 0 where there are too few blocks to say.
 */
function powerOf(
  white: readonly (readonly Float64Array[])[],
  order: readonly (readonly (readonly number[])[])[],
  profiles: readonly Profile[],
): number {
  const short: number[] = []
  const long: number[] = []
  white.forEach((numbers, source) => {
    const own = profiles[source]
    const rivals = own === undefined ? [] : rivalsOf(own, profiles)
    const parts = order[source] ?? []
    if (own === undefined || rivals.length === 0) return
    const pick = (rows: readonly number[]) => rows.flatMap((row) => numbers[row] ?? [])
    parts.forEach((part, i) => {
      const others = pick(parts.flatMap((other, j) => (j === i ? [] : other)))
      const without = profileOf(own.name, others, own.mean.length)
      const logP = (rows: readonly number[]) =>
        Math.min(0, -logRatio(meanOf(pick(rows), own.mean.length), rows.length, without, rivals))
      long.push(logP(part))
      for (let from = 0; from + blockSize <= part.length; from += blockSize) {
        short.push(logP(part.slice(from, from + blockSize)))
      }
    })
  })
  return short.length < fewestBlocks ? 0 : Math.min(superuniformPower(short), superuniformPower(long))
}
