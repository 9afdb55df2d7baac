import { claim, featureAt, isFree, jointAt, labelAt, realAt, reals, setReal, setWord, wordAt, words } from './counts.ts'
import type { Memory } from './memory.ts'
import { makeRoom } from './room.ts'

/**
 * What two memories counted, taken together; consumes both. Sums are of whole numbers, the rest are maxima and unions,
 * so that merging is associative and commutative to the last bit. Evidence about a subject in two parts of a stream
 * multiplies up; shares are averaged over the parts.
 */
export function mergeMemories(a: Memory, b: Memory): Memory {
  const [larger, smaller] = a.counts.used >= b.counts.used ? [a, b] : [b, a]
  const held = new Set([...a.watched, ...b.watched])
  const { counts } = makeRoom(larger.counts, smaller.counts.used, Infinity, { batch: 0, period: 1 }, held)
  const from = smaller.counts
  for (let other = 0; other < from.slots; other++) {
    if (isFree(from, other)) continue
    const slot = claim(counts, featureAt(from, other), labelAt(from, other))
    const joint = Math.max(jointAt(counts, slot), jointAt(from, other)) // before it shows whether there were tests
    for (const word of [words.documents, words.since]) {
      setWord(counts, slot, word, wordAt(counts, slot, word) + wordAt(from, other, word))
    }
    for (const word of [words.low, words.high]) {
      setWord(counts, slot, word, wordAt(counts, slot, word) | wordAt(from, other, word))
    }
    for (const word of [words.touched, words.tests]) {
      setWord(counts, slot, word, Math.max(wordAt(counts, slot, word), wordAt(from, other, word)))
    }
    for (const real of [reals.surprise, reals.onset, reals.share]) {
      setReal(counts, slot, real, realAt(counts, slot, real) + realAt(from, other, real))
    }
    setReal(counts, slot, reals.joint, joint)
  }
  return {
    streams: a.streams + b.streams,
    batches: Math.max(a.batches, b.batches),
    shedAt: Math.max(a.shedAt, b.shedAt),
    unknown: a.unknown + b.unknown,
    known: a.known + b.known,
    perLabel: summed(a.perLabel, b.perLabel),
    perSource: summed(a.perSource, b.perSource),
    seen: a.seen.map((signature, at) => Math.max(signature, b.seen[at] ?? 0)),
    counts,
    watched: held,
  }
}

function summed(a: Float64Array, b: Float64Array): Float64Array {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a]
  return longer.map((value, at) => value + (shorter[at] ?? 0))
}
