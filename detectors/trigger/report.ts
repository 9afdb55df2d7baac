import type { Measurement } from '../../src/core/measurement.ts'
import { featureAt, isFree, labelAt, slotOf, wordAt, words } from './counts.ts'
import { levelOf, logShare } from './examine.ts'
import type { Fitted } from './fitted.ts'
import type { Memory } from './memory.ts'

const mostReported = 100
const mostWatched = 200

/**
 * The subjects whose evidence, weighted by their share, is above 1: all of them, most evidence first, up to a bound.
 * Those that have fallen back are no longer watched.
 */
export function report(labels: readonly string[], fitted: Fitted, memory: Memory): readonly Measurement[] {
  const { counts } = memory
  const standing: { readonly key: number; readonly logE: number; readonly slot: number }[] = []
  for (const key of memory.watched) {
    const slot = slotOf(counts, Math.floor(key / 65_536), key % 65_536)
    if (isFree(counts, slot)) continue
    const logE = levelOf(slot, fitted, memory).total + logShare(memory, slot)
    if (logE > 0) standing.push({ key, logE, slot })
  }
  standing.sort((a, b) => b.logE - a.logE || a.key - b.key)
  memory.watched.clear()
  for (const { key } of standing.slice(0, mostWatched)) memory.watched.add(key)
  return standing.slice(0, mostReported).map(({ logE, slot }) => ({
    kind: 'level',
    subject: { kind: 'feature', feature: featureAt(counts, slot), label: labels[labelAt(counts, slot)] ?? '' },
    logE,
    records: wordAt(counts, slot, words.since),
  }))
}
