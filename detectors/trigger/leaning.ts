import { logBinomialSurvival } from '../../src/stats/log-binomial-survival.ts'
import { isFree, slotOf, wordAt, words } from './counts.ts'
import type { Fitted } from './fitted.ts'
import { documentsOf, type Memory } from './memory.ts'
import { trustedDocuments } from './trusted.ts'

const leaningPrior = 2 // trusted documents with the feature from which on their labels are what is expected

/**
 * −ln p of the exact binomial test that no more of the feature's documents have the label than of all documents, or than
 * of its trusted ones; where fewer have it, ln p of the opposite test: a feature that leans elsewhere.
 */
export function leaningOf(
  feature: number,
  label: number,
  documents: number,
  { trusted }: Fitted,
  memory: Memory,
): number {
  const { counts } = memory
  let everywhere = 0
  let all = 0
  let expectedHere = 0
  let expected = 0
  const trustedAll = trusted.perLabel.reduce((sum, n) => sum + n, 0)
  for (let of = 0; of < trusted.perLabel.length; of++) {
    const slot = slotOf(counts, feature, of)
    if (!isFree(counts, slot)) everywhere += wordAt(counts, slot, words.documents)
    all += documentsOf(memory, of)
  }
  for (let of = 0; of < trusted.perLabel.length; of++) {
    const n = trusted.perLabel[of] ?? 0
    if (n === 0) continue
    // as if trusted data had the stream's shares of labels
    const here = (trustedDocuments(trusted, feature, of) / n) * ((documentsOf(memory, of) / all) * trustedAll)
    expected += here
    if (of === label) expectedHere = here
  }
  const share = documentsOf(memory, label) / all
  const leant = Math.max(share, (expectedHere + leaningPrior * share) / (expected + leaningPrior))
  return documents > leant * everywhere
    ? -logBinomialSurvival(documents, everywhere, leant)
    : logBinomialSurvival(everywhere - documents, everywhere, 1 - leant)
}
