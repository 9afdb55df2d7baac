import { claim, emptyCounts, featureAt, isFree, keyAt, labelAt, slotAt, wordAt, words, type Counts } from './counts.ts'

const fullest = 0.7 // of the slots: above, probing gets slow
const keptOnShedding = 0.5
const mostHeld = 0.1

export interface Room {
  readonly counts: Counts
  readonly shed: boolean
}

/**
 * Counts with room for `more` new subjects, at most a tenth of the capacity: the same table, a larger copy while
 * `capacity` slots allow, or a copy without the subjects that matter least. What matters is how often a subject was
 * seen, halved for every `period` of batches without it, so that what is common now displaces what was common once.
 * Subjects in `held` stay while they are few.
 */
export function makeRoom(
  counts: Counts,
  more: number,
  capacity: number,
  age: { readonly batch: number; readonly period: number },
  held: ReadonlySet<number>,
): Room {
  if (counts.slots <= capacity && counts.used + more <= fullest * counts.slots) return { counts, shed: false }
  let slots = Math.min(counts.slots, capacity)
  while (slots < capacity && counts.used + more > fullest * slots) slots *= 2
  if (counts.used + more <= fullest * slots) return { counts: rebuilt(counts, slots, () => true), shed: false }
  const worth = worths(counts, age, held)
  const least = leastWorth(worth, Math.floor(keptOnShedding * slots))
  return { counts: rebuilt(counts, slots, (slot) => (worth[slot] ?? 0) >= least), shed: true }
}

const mostWorth = 0xffff

function worths(
  counts: Counts,
  { batch, period }: { readonly batch: number; readonly period: number },
  held: ReadonlySet<number>,
): Uint16Array {
  const worth = new Uint16Array(counts.slots)
  const holds = held.size <= mostHeld * counts.slots // beyond, a flood of suspicion would leave no room to count
  for (let slot = 0; slot < counts.slots; slot++) {
    if (isFree(counts, slot)) continue
    const idle = Math.min(31, Math.floor((batch - wordAt(counts, slot, words.touched)) / Math.max(1, period)))
    const seen = Math.min(1023, wordAt(counts, slot, words.documents)) * 32
    worth[slot] = holds && held.has(keyAt(counts, slot)) ? mostWorth : Math.max(1, seen >>> idle)
  }
  return worth
}

// The least worth that stays: at most `keep` subjects have it or more.
function leastWorth(worth: Uint16Array, keep: number): number {
  const histogram = new Int32Array(mostWorth + 1)
  for (const w of worth) histogram[w] = (histogram[w] ?? 0) + 1
  let kept = histogram[mostWorth] ?? 0
  let least = mostWorth
  while (least > 1 && kept + (histogram[least - 1] ?? 0) <= keep) kept += histogram[--least] ?? 0
  return least
}

function rebuilt(counts: Counts, slots: number, stays: (slot: number) => boolean): Counts {
  const fresh = emptyCounts(slots)
  for (let slot = 0; slot < counts.slots; slot++) {
    if (isFree(counts, slot) || !stays(slot)) continue
    slotAt(fresh, claim(fresh, featureAt(counts, slot), labelAt(counts, slot))).set(slotAt(counts, slot))
  }
  return fresh
}
