import { mix32 } from '../../src/core/hash.ts'

/** Where the keys of an open-addressing hash table of (feature, label) stand: `stride` words apart. */
export interface Keys {
  readonly slots: number // a power of two, never all taken
  readonly words: Uint32Array // words[s · stride] is the feature of slot s, the next one the label's index + 1; 0: free
  readonly stride: number
}

/**
 * What is counted of each (feature, label) along a stream. A slot is one cache line of 64 bytes, since nearly every
 * occurrence of a feature is a visit to a slot somewhere else: sixteen words, of which the last eight are four reals.
 */
export interface Counts extends Keys {
  used: number
  readonly reals: Float64Array // the same memory
}

export const wordsPerSlot = 16
const stride = wordsPerSlot
const feature = 0
const label = 1

/** Words of a slot. */
export const words = {
  documents: 2, // distinct documents that have both
  since: 3, // of these, since the cross evidence last restarted
  low: 4, // which of 64 buckets of sources they came from
  high: 5,
  touched: 6, // last batch that had both
  tests: 7, // joint tests so far
} as const

/** Reals of a slot, eight to a slot. Sums of whole units are exact in any order, so that merging is associative. */
export const reals = {
  surprise: 4, // of the documents since the restart, in units
  onset: 5, // documents of the label that had come before the restart
  joint: 6, // log of the joint evidence at its latest test; before the first, documents without which there is none
  share: 7, // of the budget, in units; 0 until the subject is given one
} as const

export const surpriseUnit = 2 ** -20
export const shareUnit = 2 ** -50

// Large blocks of memory begin 16 bytes after a multiple of 64 (glibc): so far in, each slot is in one cache line.
const offset = 48

export function emptyCounts(slots: number): Counts {
  const buffer = new ArrayBuffer(offset + slots * stride * 4)
  const table = new Uint32Array(buffer, offset, slots * stride)
  return { slots, used: 0, words: table, reals: new Float64Array(buffer, offset, (slots * stride) / 2), stride }
}

/**
 * The hash of (feature, label), of 32 bits. A key stands as far into a table as its hash is into all of them, so that tables
 * of any size have their keys in one order, but for those that had to give way.
 */
export function hashOf(ofFeature: number, ofLabel: number): number {
  return mix32(ofLabel, ofFeature)
}

/** How far a hash is shifted to give its place in a table of so many slots. */
export function shiftFor(slots: number): number {
  return Math.clz32(slots) + 1
}

/** The slot of (feature, label), or the free one where it would go: linear probing. */
export function slotOf(keys: Keys, ofFeature: number, ofLabel: number): number {
  const mask = keys.slots - 1
  let slot = (hashOf(ofFeature, ofLabel) >>> shiftFor(keys.slots)) & mask
  for (;;) {
    const at = slot * keys.stride
    const taken = keys.words[at + label] ?? 0
    if (taken === 0 || (taken === ofLabel + 1 && keys.words[at + feature] === ofFeature)) return slot
    slot = (slot + 1) & mask
  }
}

export function isFree(keys: Keys, slot: number): boolean {
  return keys.words[slot * keys.stride + label] === 0
}

export function featureAt(keys: Keys, slot: number): number {
  return keys.words[slot * keys.stride + feature] ?? 0
}

export function labelAt(keys: Keys, slot: number): number {
  return (keys.words[slot * keys.stride + label] ?? 0) - 1
}

export function setKey(keys: Keys, slot: number, toFeature: number, toLabel: number): void {
  keys.words[slot * keys.stride + feature] = toFeature
  keys.words[slot * keys.stride + label] = toLabel + 1
}

/** The slot of (feature, label), taken for it where it was free. There must be room: see `makeRoom`. */
export function claim(counts: Counts, ofFeature: number, ofLabel: number): number {
  const slot = slotOf(counts, ofFeature, ofLabel)
  if (isFree(counts, slot)) {
    setKey(counts, slot, ofFeature, ofLabel)
    counts.used++
  }
  return slot
}

/**
 * Claims the slots of many features with one label, `into` as many places: `claim` in one loop, which takes a third of its
 * time. Where each begins to be looked for is read first: so that all these cache misses are waited for at once.
 */
export function claimAll(counts: Counts, features: Uint32Array, ofLabel: number, into: Int32Array): void {
  const table = counts.words
  const mask = counts.slots - 1
  const shift = shiftFor(counts.slots)
  let read = 0
  for (let i = 0; i < features.length; i++) {
    const slot = (hashOf(features[i] ?? 0, ofLabel) >>> shift) & mask
    into[i] = slot
    read |= table[slot * stride + label] ?? 0
  }
  if (read === 0 && features.length === 0) return
  for (let i = 0; i < features.length; i++) {
    const ofFeature = features[i] ?? 0
    let slot = into[i] ?? 0
    for (;;) {
      const taken = table[slot * stride + label] ?? 0
      if (taken === ofLabel + 1 && table[slot * stride + feature] === ofFeature) break
      if (taken === 0) {
        table[slot * stride + feature] = ofFeature
        table[slot * stride + label] = ofLabel + 1
        counts.used++
        break
      }
      slot = (slot + 1) & mask
    }
    into[i] = slot
  }
}

export function wordAt(counts: Counts, slot: number, word: number): number {
  return counts.words[slot * stride + word] ?? 0
}

export function realAt(counts: Counts, slot: number, real: number): number {
  return counts.reals[(slot * stride) / 2 + real] ?? 0
}

export function setWord(counts: Counts, slot: number, word: number, value: number): void {
  counts.words[slot * stride + word] = value
}

export function setReal(counts: Counts, slot: number, real: number, value: number): void {
  counts.reals[(slot * stride) / 2 + real] = value
}

/** log of the joint evidence: 0 before its first test. */
export function jointAt(counts: Counts, slot: number): number {
  return wordAt(counts, slot, words.tests) === 0 ? 0 : realAt(counts, slot, reals.joint)
}

/** A slot's sixteen words as a view. */
export function slotAt(counts: Counts, slot: number): Uint32Array {
  return counts.words.subarray(slot * stride, (slot + 1) * stride)
}

/** Moves a slot to another, which is free, and frees it. */
export function moveSlot(counts: Counts, from: number, to: number): void {
  for (let word = 0; word < stride; word++) {
    counts.words[to * stride + word] = counts.words[from * stride + word] ?? 0
  }
  freeSlot(counts, from)
}

export function freeSlot(counts: Counts, slot: number): void {
  const end = ((slot + 1) * stride) / 2
  for (let real = (slot * stride) / 2; real < end; real++) counts.reals[real] = 0
}

/** A number for (feature, label) that is equal for equal ones and for nothing else. */
export function keyOf(ofFeature: number, ofLabel: number): number {
  return ofFeature * 65_536 + ofLabel
}

export function keyAt(keys: Keys, slot: number): number {
  return keyOf(featureAt(keys, slot), labelAt(keys, slot))
}
