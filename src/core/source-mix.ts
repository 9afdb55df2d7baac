import { hash32 } from './hash.ts'
import type { Column } from './column.ts'

/** Sources are told apart as far as these many places go: a bounded count of however many there are. */
export const sourcePlaces = 256

/** Where each source of a column is counted; the last place is that of records without one. */
export function placesOf({ values }: Column): (code: number) => number {
  const places = values.map((name) => hash32(name, 0x5eed) % (sourcePlaces - 1))
  return (code) => places[code] ?? sourcePlaces - 1
}

/**
 * How far the mix of sources is from the trusted one: Σ (p − q)² over their shares, less what drawing `records` at random
 * from the trusted mix would give; at least 0. Where sources differ in what they send, a mean moves with the mix: with the
 * variance between sources times this.
 */
export function mixDistance(counts: Float64Array, records: number, trusted: Float64Array): number {
  let distance = 0
  let concentration = 0
  for (let i = 0; i < trusted.length; i++) {
    const share = trusted[i] ?? 0
    distance += ((counts[i] ?? 0) / records - share) ** 2
    concentration += share * share
  }
  return Math.max(0, distance - (1 - concentration) / records)
}
