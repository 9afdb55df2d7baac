import {
  claim,
  emptyCounts,
  featureAt,
  freeSlot,
  isFree,
  labelAt,
  moveSlot,
  slotAt,
  slotOf,
  wordAt,
  words,
  type Counts,
} from './counts.ts'

const fullest = 0.7 // of the slots: above, probing gets slow
const keptOnShedding = 0.5
const mostHeld = 0.1

export interface Room {
  readonly counts: Counts
  readonly shed: boolean
}

/**
 * Counts with room for `more` new subjects, at most a tenth of the capacity: the same table, a larger copy while
 * `capacity` slots allow, or the table without the subjects that matter least. What matters is how often a subject was
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
  if (slots === counts.slots) forgetBelow(counts, worth, least)
  return {
    counts: slots === counts.slots ? counts : rebuilt(counts, slots, (slot) => (worth[slot] ?? 0) >= least),
    shed: true,
  }
}

const mostWorth = 0xffff

function worths(
  counts: Counts,
  { batch, period }: { readonly batch: number; readonly period: number },
  held: ReadonlySet<number>,
): Uint16Array {
  const worth = new Uint16Array(counts.slots)
  for (let slot = 0; slot < counts.slots; slot++) {
    if (isFree(counts, slot)) continue
    const idle = Math.min(31, Math.floor((batch - wordAt(counts, slot, words.touched)) / Math.max(1, period)))
    const seen = Math.min(1023, wordAt(counts, slot, words.documents)) * 32
    worth[slot] = Math.max(1, seen >>> idle)
  }
  // Beyond, a flood of suspicion would leave no room to count.
  if (held.size <= mostHeld * counts.slots) {
    for (const key of held) {
      const slot = slotOf(counts, Math.floor(key / 65_536), key % 65_536)
      if (!isFree(counts, slot)) worth[slot] = mostWorth
    }
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

/**
 * Frees the slots of less worth where they stand. Whatever follows a freed slot without a gap may now belong further up: slots
 * are visited in the order in which they are searched, from a free one, so that each moves at most once.
 */
function forgetBelow(counts: Counts, worth: Uint16Array, least: number): void {
  let free = 0
  while (!isFree(counts, free)) free++
  const mask = counts.slots - 1
  for (let step = 1; step < counts.slots; step++) {
    const slot = (free + step) & mask
    if (isFree(counts, slot)) continue
    if ((worth[slot] ?? 0) < least) {
      freeSlot(counts, slot)
      counts.used--
      continue
    }
    const to = slotOf(counts, featureAt(counts, slot), labelAt(counts, slot))
    if (to !== slot) moveSlot(counts, slot, to)
  }
}
