import { claim, copySlot, emptyCounts, type Counts } from './counts.ts'

const fullest = 0.7 // of the slots: above, probing gets slow
const keptOnShedding = 0.5

/**
 * Counts with room for `more` new subjects: the same table, a larger copy while `capacity` slots allow, or a copy
 * without the subjects that matter least. What matters is how often a subject was seen, halved for every period
 * (the time since the last shedding) without it, so that what is common now displaces what was common once.
 * `more` must be at most a fifth of the capacity.
 */
export function makeRoom(
  counts: Counts,
  more: number,
  capacity: number,
  batch: number,
  sinceShedding: number,
): { counts: Counts; shed: boolean } {
  if (counts.used + more <= fullest * counts.slots) return { counts, shed: false }
  let slots = counts.slots
  while (slots < capacity && counts.used + more > fullest * slots) slots *= 2
  if (counts.used + more <= fullest * slots) return { counts: rebuilt(counts, slots, () => true), shed: false }
  const worth = worths(counts, batch, sinceShedding)
  const least = leastWorth(worth, Math.floor(keptOnShedding * slots))
  return { counts: rebuilt(counts, slots, (slot) => (worth[slot] ?? 0) >= least), shed: true }
}

const mostWorth = 4095

function worths(counts: Counts, batch: number, sinceShedding: number): Uint16Array {
  const worth = new Uint16Array(counts.slots)
  const period = Math.max(1, sinceShedding)
  for (let slot = 0; slot < counts.slots; slot++) {
    if (counts.label[slot] === 0) continue
    const idle = Math.floor((batch - (counts.touched[slot] ?? 0)) / period)
    const seen = Math.min(1023, counts.documents[slot] ?? 0) * 4 + 3
    worth[slot] = Math.max(1, idle > 12 ? 0 : seen >>> idle)
  }
  return worth
}

// The least worth of what stays: at most `keep` subjects are above it or equal to it. More than all: nothing stays.
function leastWorth(worth: Uint16Array, keep: number): number {
  const histogram = new Int32Array(mostWorth + 2)
  for (const w of worth) histogram[w] = (histogram[w] ?? 0) + 1
  let kept = 0
  let least = mostWorth + 1
  while (least > 1 && kept + (histogram[least - 1] ?? 0) <= keep) kept += histogram[--least] ?? 0
  return least
}

function rebuilt(counts: Counts, slots: number, stays: (slot: number) => boolean): Counts {
  const fresh = emptyCounts(slots)
  for (let slot = 0; slot < counts.slots; slot++) {
    const label = counts.label[slot] ?? 0
    if (label !== 0 && stays(slot)) copySlot(counts, slot, fresh, claim(fresh, counts.feature[slot] ?? 0, label - 1))
  }
  return fresh
}
