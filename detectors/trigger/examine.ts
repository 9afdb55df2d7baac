import {
  featureAt,
  jointAt,
  keyAt,
  labelAt,
  realAt,
  reals,
  setReal,
  setWord,
  shareUnit,
  surpriseUnit,
  wordAt,
  words,
} from './counts.ts'
import {
  arrivalShare,
  crossBound,
  crossLogE,
  fewest,
  fewestNovel,
  jointLogE,
  jointLogP,
  noveltyOf,
  testsBy,
} from './evidence.ts'
import type { Fitted } from './fitted.ts'
import { documentsOf, type Memory } from './memory.ts'
import { spreadOf } from './spread.ts'
import { foreseen, isUnknown, trustedDocuments, trustedOf, type Trusted } from './trusted.ts'

/** Whether a subject could be due for a share, or has one. */
export function isDue(documents: number, tests: number, joint: number): boolean {
  return documents >= fewest && (tests > 0 || documents >= joint)
}

/** Gives the subjects in these slots the share they are due, repeats the joint test where it is due, and watches those with evidence. */
export function examine(slots: Int32Array, fitted: Fitted, memory: Memory): void {
  const { counts } = memory
  const expectations = new Map<number, number>()
  for (const slot of slots) {
    const documents = wordAt(counts, slot, words.documents)
    const before = wordAt(counts, slot, words.tests)
    const tests = testsBy(documents)
    if (tests > before) {
      const feature = featureAt(counts, slot)
      const label = labelAt(counts, slot)
      const t = documentsOf(memory, label)
      const n = fitted.trusted.perLabel[label] ?? 0
      const r = trustedDocuments(fitted.trusted, feature, label)
      if (before === 0) {
        const expected = refutation(documents, t, r, feature, label, fitted.trusted)
        if (expected !== null) {
          setReal(counts, slot, reals.joint, fewestNovel(t, expected, n))
          continue
        }
        enter(slot, memory, isUnknown(fitted.trusted, feature))
      }
      const logP = fitted.temper * spreadOf(memory, slot, expectations) * jointLogP(documents, t, r, n)
      setReal(counts, slot, reals.joint, jointLogE(tests, logP))
      setWord(counts, slot, words.tests, tests)
    }
    const surprise = realAt(counts, slot, reals.surprise) * surpriseUnit
    const bound = Math.max(crossBound(wordAt(counts, slot, words.since), surprise), realAt(counts, slot, reals.joint))
    if (bound > 0 && bound + logShare(memory, slot) > 0) memory.watched.add(keyAt(counts, slot))
  }
}

/**
 * The count of trusted documents by which c of t are not novel, or null where they are. Most features are not novel by the
 * count of their own label, which is at hand: only for the others is all looked up.
 */
function refutation(c: number, t: number, r: number, feature: number, label: number, trusted: Trusted): number | null {
  const n = trusted.perLabel[label] ?? 0
  if (noveltyOf(c, t, r, n) < 1) return r
  const expected = foreseen(trusted, feature, label)
  return noveltyOf(c, t, expected, n) < 1 ? expected : null
}

/**
 * Subjects share the evidence by their order of appearance, features that no trusted document has and others apart.
 * Which features appear, and how often, says nothing about their documents' p-values on clean data, so that a share
 * given late may count documents from before it.
 */
function enter(slot: number, memory: Memory, unknown: boolean): void {
  const j = unknown ? ++memory.unknown : ++memory.known
  setReal(memory.counts, slot, reals.share, memory.streams * Math.floor((0.5 * arrivalShare(j)) / shareUnit))
}

/** log of the subject's share of the evidence. */
export function logShare(memory: Memory, slot: number): number {
  return Math.log((realAt(memory.counts, slot, reals.share) * shareUnit) / Math.max(1, memory.streams))
}

export interface Level {
  readonly cross: number // log e-values
  readonly joint: number
  readonly total: number // of their average
}

/**
 * Where a subject's evidence stands now. The cross evidence counts while the subject is novel in full: words that are
 * hard by nature, and no more frequent than they were, would gather it in time.
 */
export function levelOf(slot: number, fitted: Fitted, memory: Memory): Level {
  const { logE, novel } = crossOf(slot, fitted, memory)
  const cross = novel === 1 ? logE : 0
  const joint = jointAt(memory.counts, slot)
  const top = Math.max(cross, joint)
  return { cross, joint, total: top + Math.log((Math.exp(cross - top) + Math.exp(joint - top)) / 2) }
}

/** The cross evidence since it last restarted, and how novel the subject has been since then. */
function crossOf(slot: number, fitted: Fitted, memory: Memory): { readonly logE: number; readonly novel: number } {
  const { counts } = memory
  const label = labelAt(counts, slot)
  const feature = featureAt(counts, slot)
  const { hardness } = trustedOf(fitted.trusted, feature, label)
  const since = wordAt(counts, slot, words.since)
  const t = documentsOf(memory, label) - realAt(counts, slot, reals.onset)
  const surprise = (realAt(counts, slot, reals.surprise) * surpriseUnit) / hardness
  const novel = noveltyOf(since, t, foreseen(fitted.trusted, feature, label), fitted.trusted.perLabel[label] ?? 0)
  return { logE: novel > 0 ? spreadOf(memory, slot) * Math.max(0, crossLogE(since, surprise)) : 0, novel }
}
