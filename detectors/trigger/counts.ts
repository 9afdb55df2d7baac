import { mix32 } from '../../src/core/hash.ts'

export interface Keys {
  readonly slots: number // a power of two
  readonly feature: Uint32Array
  readonly label: Uint16Array // index of the label + 1; 0: the slot is free
}

/**
 * What is counted of each (feature, label) along a stream: an open-addressing hash table in typed arrays, so that its
 * memory is what `capacity` says whatever arrives.
 */
export interface Counts extends Keys {
  used: number
  readonly documents: Uint32Array // distinct documents that have both
  readonly low: Uint32Array // which of 64 buckets of sources they came from
  readonly high: Uint32Array
  readonly since: Uint32Array // documents since the cross evidence last restarted
  readonly surprise: Float64Array // their surprise, in `surpriseUnit`s
  readonly onset: Float64Array // documents of the label that had come before the restart
  readonly joint: Float64Array // log of the joint evidence at its latest test
  readonly tests: Uint8Array // joint tests so far
  readonly share: Float64Array // of the budget, in `shareUnit`s; 0 until the subject has entered the contest
  readonly touched: Uint32Array // last batch that had both
}

/** Sums of whole units are exact in whatever order they are formed, so that merging memories is associative. */
export const surpriseUnit = 2 ** -20
export const shareUnit = 2 ** -50

export function emptyCounts(slots: number): Counts {
  return {
    slots,
    used: 0,
    feature: new Uint32Array(slots),
    label: new Uint16Array(slots),
    documents: new Uint32Array(slots),
    low: new Uint32Array(slots),
    high: new Uint32Array(slots),
    since: new Uint32Array(slots),
    surprise: new Float64Array(slots),
    onset: new Float64Array(slots),
    joint: new Float64Array(slots),
    tests: new Uint8Array(slots),
    share: new Float64Array(slots),
    touched: new Uint32Array(slots),
  }
}

/** The slot of (feature, label), or the free one where it would go: linear probing. */
export function slotOf(keys: Keys, feature: number, label: number): number {
  const mask = keys.slots - 1
  let slot = mix32(label, feature) & mask
  while (keys.label[slot] !== 0 && (keys.feature[slot] !== feature || keys.label[slot] !== label + 1)) {
    slot = (slot + 1) & mask
  }
  return slot
}

/** The slot of (feature, label), taken for it where it was free. There must be a free one: see `makeRoom`. */
export function claim(counts: Counts, feature: number, label: number): number {
  const slot = slotOf(counts, feature, label)
  if (counts.label[slot] === 0) {
    counts.feature[slot] = feature
    counts.label[slot] = label + 1
    counts.used++
  }
  return slot
}

export function copySlot(from: Counts, source: number, to: Counts, slot: number): void {
  to.documents[slot] = from.documents[source] ?? 0
  to.low[slot] = from.low[source] ?? 0
  to.high[slot] = from.high[source] ?? 0
  to.since[slot] = from.since[source] ?? 0
  to.surprise[slot] = from.surprise[source] ?? 0
  to.onset[slot] = from.onset[source] ?? 0
  to.joint[slot] = from.joint[source] ?? 0
  to.tests[slot] = from.tests[source] ?? 0
  to.share[slot] = from.share[source] ?? 0
  to.touched[slot] = from.touched[source] ?? 0
}
