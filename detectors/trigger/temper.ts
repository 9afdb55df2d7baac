import { selectEncoded, type Encoded } from '../../src/core/encoded.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { accumulate } from './accumulate.ts'
import { featureAt, isFree, labelAt, realAt, reals, wordAt, words } from './counts.ts'
import { jointLogP } from './evidence.ts'
import type { Fitted } from './fitted.ts'
import { logShare } from './examine.ts'
import { documentsOf, emptyMemory, type Memory } from './memory.ts'
import { spreadOf } from './spread.ts'
import { trustedFrom, trustedOf, type Trusted } from './trusted.ts'

const batchSize = 50

/**
 * How far ln p of the joint test must be shrunk for no subject's evidence to exceed its share when half of the trusted
 * records play the stream against the other half: the later against the earlier, and one random half against the other.
 */
export function learnTemper(
  reference: Encoded,
  scores: Float64Array,
  seed: number,
  fitted: Omit<Fitted, 'trusted' | 'temper'>,
): number {
  const { length } = reference.label
  const inTime = byTime(reference.records.at)
  const atRandom = permutation(length, random(seed))
  const half = Math.floor(length / 2)
  return Math.min(
    ...[inTime, atRandom].map((order) => {
      return temperOf(reference, scores, order.subarray(0, half), order.subarray(half), fitted)
    }),
  )
}

// Where a time is missing, trusted records are taken to stand in the order in which they came.
function byTime(at: Float64Array): Int32Array {
  const order = Int32Array.from(at.keys())
  return at.some((time) => Number.isNaN(time)) ? order : order.toSorted((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b)
}

function temperOf(
  reference: Encoded,
  scores: Float64Array,
  before: Int32Array,
  after: Int32Array,
  fitted: Omit<Fitted, 'trusted' | 'temper'>,
): number {
  const trusted = trustedFrom(reference, scores, before)
  const memory = emptyMemory()
  for (let from = 0; from < after.length; from += batchSize) {
    accumulate(
      selectEncoded(reference, after.subarray(from, from + batchSize)),
      { ...fitted, trusted, temper: 1 },
      memory,
    )
  }
  let temper = 1
  for (let slot = 0; slot < memory.counts.slots; slot++) {
    if (!isFree(memory.counts, slot) && realAt(memory.counts, slot, reals.share) > 0) {
      temper = Math.min(temper, temperFor(slot, trusted, memory))
    }
  }
  return temper
}

// At the counts that the whole reference would have against a stream as long, with the same rates: drift shows more
// clearly the more there is to compare. The calibrated e-value of a small p is about p^−.95/80.
function temperFor(slot: number, trusted: Trusted, memory: Memory): number {
  const { counts } = memory
  const label = labelAt(counts, slot)
  const { documents: r } = trustedOf(trusted, featureAt(counts, slot), label)
  const c = wordAt(counts, slot, words.documents)
  const n = trusted.perLabel[label] ?? 0
  const logP = spreadOf(memory, slot) * jointLogP(2 * c, 2 * documentsOf(memory, label), 2 * r, 2 * n)
  const test = Math.max(1, wordAt(counts, slot, words.tests))
  const allowed = Math.log(2) - logShare(memory, slot) - Math.log(6 / (Math.PI * test) ** 2) + Math.log(80)
  return logP === 0 ? 1 : Math.min(1, allowed / (-0.95 * logP))
}
