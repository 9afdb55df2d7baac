import { arrayOf, type TypedArray, type Unpacked } from '../../src/core/codec.ts'
import { unmix32 } from '../../src/core/hash.ts'
import { differences, fromVarints, sums, varints } from '../../src/core/varints.ts'
import {
  emptyCounts,
  featureAt,
  hashOf,
  isFree,
  keyAt,
  labelAt,
  realAt,
  reals,
  setKey,
  setReal,
  setWord,
  shiftFor,
  surpriseUnit,
  wordAt,
  words,
  type Counts,
} from './counts.ts'
import { isSpent } from './evidence.ts'
import { fewestSlots, type Memory } from './memory.ts'
import { corrupt } from './stored-corrupt.ts'
import { readSources, sourcesOf } from './stored-sources.ts'

/**
 * What is counted of each subject, by columns, in the order of their hashes: nearly that of the table, which is read once
 * from its beginning to its end. Of what was never tested there is nothing to say; nor of cross evidence that is spent, where nothing
 * reads it before the next document starts it again: where the subject is not watched.
 */
export function subjectsOf({ counts, batches, watched }: Memory, labels: number): { [name: string]: TypedArray } {
  const { order, keys } = inOrder(counts, labels)
  const column = () => new Float64Array(order.length)
  const [documents, age, since, tests] = [column(), column(), column(), column()]
  const [surprise, onset, joint, share] = [column(), column(), column(), column()]
  const [low, high] = [new Uint32Array(order.length), new Uint32Array(order.length)]
  let running = 0
  let tested = 0
  for (let row = 0; row < order.length; row++) {
    const slot = order[row] ?? 0
    const units = realAt(counts, slot, reals.surprise)
    const run = wordAt(counts, slot, words.since)
    documents[row] = wordAt(counts, slot, words.documents)
    age[row] = batches - wordAt(counts, slot, words.touched)
    low[row] = wordAt(counts, slot, words.low)
    high[row] = wordAt(counts, slot, words.high)
    if (!isSpent(run, units * surpriseUnit) || watched.has(keyAt(counts, slot))) {
      since[row] = run
      surprise[running] = units
      onset[running++] = realAt(counts, slot, reals.onset)
    }
    const times = wordAt(counts, slot, words.tests)
    if (times === 0) continue
    tests[row] = times
    joint[tested] = realAt(counts, slot, reals.joint)
    share[tested++] = realAt(counts, slot, reals.share)
  }
  return {
    subject: varints(differences(keys)),
    documents: varints(documents),
    age: varints(age),
    ...sourcesOf(low, high),
    since: varints(since),
    surprise: varints(surprise.subarray(0, running)),
    onset: varints(onset.subarray(0, running)),
    tests: varints(tests),
    joint: joint.subarray(0, tested),
    share: share.subarray(0, tested),
  }
}

/** The inverse of `subjectsOf`. Throws BASELINE_CORRUPT on anything that it did not make. */
export function subjectsFrom(unpacked: Unpacked, labels: number, batches: number, subjects: number): Counts {
  const wholes = (name: string, length = subjects) => fromVarints(arrayOf(unpacked, name, 'Uint8Array'), length)
  const { counts, order } = tableOf(sums(wholes('subject')), labels)
  const put = (word: number, values: Float64Array) => {
    for (let i = 0; i < order.length; i++) setWord(counts, order[i] ?? 0, word, values[i] ?? 0)
  }
  const putReals = (slots: Int32Array, real: number, values: Float64Array) => {
    for (let i = 0; i < slots.length; i++) {
      if (!Number.isFinite(values[i])) throw corrupt()
      setReal(counts, slots[i] ?? 0, real, values[i] ?? 0)
    }
  }
  const [since, tests, age] = [wholes('since'), wholes('tests'), wholes('age')]
  if (age.some((each) => each > batches)) throw corrupt()
  put(words.documents, wholes('documents'))
  put(words.touched, age.map((each) => batches - each)) // prettier-ignore
  put(words.since, since)
  put(words.tests, tests)
  readSources(unpacked, counts, order)
  const running = order.filter((_, row) => since[row] !== 0)
  putReals(running, reals.surprise, wholes('surprise', running.length))
  putReals(running, reals.onset, wholes('onset', running.length))
  const tested = order.filter((_, row) => tests[row] !== 0)
  putReals(tested, reals.joint, arrayOf(unpacked, 'joint', 'Float64Array', tested.length))
  putReals(tested, reals.share, arrayOf(unpacked, 'share', 'Float64Array', tested.length))
  return counts
}

/** The slots of a table in the order of their keys' hashes, and numbers for these keys that ascend. */
function inOrder(counts: Counts, labels: number): { readonly order: Int32Array; readonly keys: Float64Array } {
  const shift = shiftFor(counts.slots)
  const order = new Int32Array(counts.used)
  const keys = new Float64Array(counts.used)
  let found = 0
  const take = (slot: number, hash: number) => {
    const key = hash * labels + labelAt(counts, slot)
    let at = found++
    for (; at > 0 && (keys[at - 1] ?? 0) > key; at--) {
      keys[at] = keys[at - 1] ?? 0
      order[at] = order[at - 1] ?? 0
    }
    keys[at] = key
    order[at] = slot
  }
  const wrapped: number[] = [] // from the table's end to its beginning
  let free = false
  for (let slot = 0; slot < counts.slots; slot++) {
    if (isFree(counts, slot)) {
      free = true
      continue
    }
    const hash = hashOf(featureAt(counts, slot), labelAt(counts, slot))
    if (!free && hash >>> shift > slot) wrapped.push(slot)
    else take(slot, hash)
  }
  for (const slot of wrapped) take(slot, hashOf(featureAt(counts, slot), labelAt(counts, slot)))
  return { order, keys }
}

/** A table of the subjects with these ascending keys, and where each stands in it. */
function tableOf(keys: Float64Array, labels: number): { readonly counts: Counts; readonly order: Int32Array } {
  let slots = fewestSlots
  while (keys.length > 0.7 * slots) slots *= 2
  const counts = emptyCounts(slots)
  const shift = shiftFor(slots)
  const order = new Int32Array(keys.length)
  let next = 0 // as keys ascend, each stands where its hash says or behind the one before
  let free = 0 // behind its end the table goes on at its beginning
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row] ?? 0
    const hash = Math.floor(key / labels)
    if (!(hash < 2 ** 32) || (row > 0 && key <= (keys[row - 1] ?? 0))) throw corrupt()
    const label = key % labels
    let slot = Math.max(next, hash >>> shift)
    next = slot + 1
    if (slot >= slots) {
      while (!isFree(counts, free)) free++
      slot = free
    }
    setKey(counts, slot, unmix32(label, hash), label)
    order[row] = slot
  }
  return { counts: { ...counts, used: keys.length }, order }
}
