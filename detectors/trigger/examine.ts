import { shareUnit, slotOf, surpriseUnit, type Counts } from './counts.ts'
import { arrivalShare, crossLogE, fewest, isNovel, jointLogE, jointLogP, testOf } from './evidence.ts'
import type { Fitted } from './fitted.ts'
import { buckets, columnsPerLabel, documentsOf, labelBuckets, type Memory } from './memory.ts'
import type { Trusted } from './trusted.ts'

/** Gives the subjects in these slots their share when they are due one, repeats their joint test when it is due, and watches those with evidence. */
export function examine(slots: readonly number[], fitted: Fitted, memory: Memory): void {
  for (const slot of slots) {
    const { counts } = memory
    const documents = counts.documents[slot] ?? 0
    if (documents < fewest) continue
    const label = (counts.label[slot] ?? 1) - 1
    const feature = counts.feature[slot] ?? 0
    const t = documentsOf(memory, label)
    const trusted = trustedCount(fitted.trusted, feature, label)
    const n = fitted.trusted.perLabel[label] ?? 0
    if ((counts.share[slot] ?? 0) === 0) {
      if (!isNovel(documents, t, trusted.documents, n)) continue
      if (fitted.entrySpread > 0 && spreadOf(memory, slot) < fitted.entrySpread) continue
      enter(slot, memory, isUnknown(fitted.trusted, feature))
    }
    const test = testOf(documents)
    if (test > (counts.tests[slot] ?? 0)) {
      counts.tests[slot] = test
      const logP = spreadOf(memory, slot) ** fitted.spreadPower * jointLogP(documents, t, trusted.documents, n)
      counts.joint[slot] = jointLogE(test, fitted.temper * logP)
    }
  }
}

function enter(slot: number, memory: Memory, unknown: boolean): void {
  const family = unknown ? 0 : 1
  const j = (memory.entered[family] ?? 0) + 1
  memory.entered = unknown ? [j, memory.entered[1]] : [memory.entered[0], j]
  memory.counts.share[slot] = memory.streams * Math.floor((0.5 * arrivalShare(j)) / shareUnit)
}

/** log of the subject's share of the evidence. */
export function logShare(memory: Memory, slot: number): number {
  return Math.log(((memory.counts.share[slot] ?? 0) * shareUnit) / Math.max(1, memory.streams))
}

export function trustedCount(
  trusted: Trusted,
  feature: number,
  label: number,
): { documents: number; hardness: number } {
  const slot = slotOf(trusted, feature, label)
  const documents = trusted.documents[slot] ?? 0
  return { documents, hardness: Math.max(1, (5 + (trusted.surprise[slot] ?? 0)) / (5 + documents)) }
}

function isUnknown(trusted: Trusted, feature: number): boolean {
  for (let label = 0; label < trusted.perLabel.length; label++) {
    if (trusted.label[slotOf(trusted, feature, label)] !== 0) return false
  }
  return true
}

/**
 * How widely a subject's documents are spread over sources, as a share of what as many documents drawn from those of
 * its label would be: 1 for a trigger strewn over the stream, little for the words of one newsletter.
 */
export function spreadOf(memory: Memory, slot: number): number {
  const { counts } = memory
  const label = (counts.label[slot] ?? 1) - 1
  const documents = counts.documents[slot] ?? 0
  const at = label * columnsPerLabel + labelBuckets
  const t = documentsOf(memory, label)
  let expected = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    const share = (memory.perLabel[at + bucket] ?? 0) / t
    if (share > 0) expected += 1 - (1 - share) ** documents
  }
  return Math.min(1, (bitsOf(counts.low[slot] ?? 0) + bitsOf(counts.high[slot] ?? 0)) / expected)
}

function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

export interface Level {
  readonly cross: number // log e-value
  readonly joint: number
  readonly total: number // log of their mean
}

export function levelOf(slot: number, fitted: Fitted, memory: Memory): Level {
  const { counts } = memory
  const label = (counts.label[slot] ?? 1) - 1
  const t = documentsOf(memory, label)
  const n = fitted.trusted.perLabel[label] ?? 0
  const { documents: r, hardness } = trustedCount(fitted.trusted, counts.feature[slot] ?? 0, label)
  const since = counts.since[slot] ?? 0
  const spread = spreadOf(memory, slot) ** fitted.spreadPower
  const novel = isNovel(since, t - (counts.onset[slot] ?? 0), r, n)
  const cross = novel
    ? spread * Math.max(0, crossLogE(since, ((counts.surprise[slot] ?? 0) * surpriseUnit) / hardness))
    : 0
  const joint = counts.joint[slot] ?? 0
  const top = Math.max(cross, joint)
  return { cross, joint, total: top + Math.log((Math.exp(cross - top) + Math.exp(joint - top)) / 2) }
}
export type { Counts }
