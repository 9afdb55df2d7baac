import { labelAt, wordAt, words } from './counts.ts'
import { buckets, columnsPerLabel, documentsOf, labelBuckets, type Memory } from './memory.ts'

/**
 * How widely a subject's documents are strewn over sources: the buckets of sources they came from, as a share of those
 * that as many documents drawn from all of the label would be expected to reach. About 1 for a trigger strewn over the
 * stream, or where there is one source only; little for the words of one newsletter. The square root of it is returned:
 * evidence raised to a power of at most 1 is none the less valid, and one source may still carry an attack alone.
 */
export function spreadOf(memory: Memory, slot: number, expectations: Map<number, number> = new Map()): number {
  const { counts } = memory
  const label = labelAt(counts, slot)
  const documents = wordAt(counts, slot, words.documents)
  const key = documents * 65_536 + label
  let expected = expectations.get(key)
  if (expected === undefined) expectations.set(key, (expected = expectedBuckets(memory, label, documents)))
  const reached = ones(wordAt(counts, slot, words.low)) + ones(wordAt(counts, slot, words.high))
  return expected === 0 ? 1 : Math.sqrt(Math.min(1, reached / expected))
}

function expectedBuckets(memory: Memory, label: number, documents: number): number {
  const all = documentsOf(memory, label)
  let expected = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    const here = memory.perLabel[label * columnsPerLabel + labelBuckets + bucket] ?? 0
    if (here > 0) expected += 1 - (1 - here / all) ** documents
  }
  return expected
}

/** Bits of a 32-bit word that are set. */
export function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
