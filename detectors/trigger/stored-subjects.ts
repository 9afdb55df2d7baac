import { arrayOf, type TypedArray, type Unpacked } from '../../src/core/codec.ts'
import { TasterError } from '../../src/core/errors.ts'
import { differences, fromVarints, sums, varints } from '../../src/core/varints.ts'
import {
  claim,
  emptyCounts,
  featureAt,
  isFree,
  keyAt,
  keyOf,
  labelAt,
  realAt,
  reals,
  setKey,
  setReal,
  setWord,
  slotOf,
  surpriseUnit,
  wordAt,
  words,
  wordsPerSlot,
  type Counts,
} from './counts.ts'
import { isSpent } from './evidence.ts'
import { fewestSlots, type Memory } from './memory.ts'
import { ones } from './spread.ts'

const mostListed = 8 // buckets of sources: more are stored as the 64 bits that they are

/**
 * What is counted of each subject, by columns, in the order of their keys. Cross evidence that is spent is left out where
 * nothing reads it before the next document starts it again: where the subject is not watched.
 */
export function subjectsOf(memory: Memory, labels: number): { [name: string]: TypedArray } {
  const { watched, batches } = memory
  const rows = inOrder(memory.counts)
  const column = (of: (row: number) => number) => {
    const values = new Float64Array(rows.used)
    for (let row = 0; row < rows.used; row++) values[row] = of(row)
    return values
  }
  const since = column((row) => {
    const documents = wordAt(rows, row, words.since)
    const spent = isSpent(documents, realAt(rows, row, reals.surprise) * surpriseUnit)
    return spent && !watched.has(keyAt(rows, row)) ? 0 : documents
  })
  const tests = column((row) => wordAt(rows, row, words.tests))
  const realsOf = (real: number, where: Float64Array) =>
    column((row) => realAt(rows, row, real)).filter((_, row) => where[row] !== 0)
  return {
    subject: varints(differences(column((row) => featureAt(rows, row) * labels + labelAt(rows, row)))),
    documents: varints(column((row) => wordAt(rows, row, words.documents))),
    age: varints(column((row) => batches - wordAt(rows, row, words.touched))),
    ...sourcesOf(rows),
    since: varints(since),
    surprise: varints(realsOf(reals.surprise, since)),
    onset: varints(realsOf(reals.onset, since)),
    tests: varints(tests),
    joint: realsOf(reals.joint, tests),
    share: realsOf(reals.share, tests),
  }
}

/** The inverse of `subjectsOf`. Throws BASELINE_CORRUPT on anything that it did not make. */
export function subjectsFrom(unpacked: Unpacked, labels: number, batches: number, subjects: number): Counts {
  const wholes = (name: string, length = subjects) => fromVarints(arrayOf(unpacked, name, 'Uint8Array'), length)
  const subject = sums(wholes('subject'))
  const rows = rowsFor(subjects)
  subject.forEach((each, row) => {
    const feature = Math.floor(each / labels)
    if (feature >= 2 ** 32 || (row > 0 && each <= (subject[row - 1] ?? 0))) throw corrupt()
    setKey(rows, row, feature, each % labels)
  })
  const put = (word: number, values: Float64Array) => values.forEach((value, row) => setWord(rows, row, word, value))
  const putReals = (real: number, values: Float64Array, where: Float64Array) => {
    if (!values.every(Number.isFinite)) throw corrupt()
    let at = 0
    where.forEach((here, row) => {
      if (here !== 0) setReal(rows, row, real, values[at++] ?? 0)
    })
  }
  const [since, tests, age] = [wholes('since'), wholes('tests'), wholes('age')]
  if (age.some((each) => each > batches)) throw corrupt()
  const amount = (where: Float64Array) => where.reduce((total, each) => total + (each === 0 ? 0 : 1), 0)
  put(words.documents, wholes('documents'))
  put(words.touched, age.map((each) => batches - each)) // prettier-ignore
  put(words.since, since)
  put(words.tests, tests)
  putReals(reals.surprise, wholes('surprise', amount(since)), since)
  putReals(reals.onset, wholes('onset', amount(since)), since)
  putReals(reals.joint, arrayOf(unpacked, 'joint', 'Float64Array', amount(tests)), tests)
  putReals(reals.share, arrayOf(unpacked, 'share', 'Float64Array', amount(tests)), tests)
  readSources(unpacked, rows)
  return tableOf(rows)
}

/** The counts of a table one after the other, by their keys: what is read of them by columns lies side by side. */
function inOrder(counts: Counts): Counts {
  const keys = new Float64Array(counts.used)
  let found = 0
  for (let slot = 0; slot < counts.slots; slot++) if (!isFree(counts, slot)) keys[found++] = keyAt(counts, slot)
  keys.sort()
  const rows = rowsFor(counts.used)
  const perFeature = keyOf(1, 0)
  for (let row = 0; row < counts.used; row++) {
    const key = keys[row] ?? 0
    copy(counts, slotOf(counts, Math.floor(key / perFeature), key % perFeature), rows, row)
  }
  return rows
}

function rowsFor(subjects: number): Counts {
  return { ...emptyCounts(subjects), used: subjects }
}

function tableOf(rows: Counts): Counts {
  let slots = fewestSlots
  while (rows.used > 0.7 * slots) slots *= 2
  const counts = emptyCounts(slots)
  for (let row = 0; row < rows.used; row++)
    copy(rows, row, counts, claim(counts, featureAt(rows, row), labelAt(rows, row)))
  return counts
}

// Word by word: for so few of them a view and its `set` take several times as long.
function copy(from: Counts, source: number, to: Counts, target: number): void {
  const [of, into] = [source * wordsPerSlot, target * wordsPerSlot]
  for (let word = 0; word < wordsPerSlot; word++) to.words[into + word] = from.words[of + word] ?? 0
}

/** Buckets of sources: how many of the 64, and which. */
function sourcesOf(rows: Counts) {
  const reached = new Uint8Array(rows.used)
  const listed = new Uint8Array(mostListed * rows.used)
  const wide: number[] = []
  let at = 0
  for (let row = 0; row < rows.used; row++) {
    const [low, high] = [wordAt(rows, row, words.low), wordAt(rows, row, words.high)]
    const buckets = ones(low) + ones(high)
    reached[row] = buckets
    if (buckets > mostListed) wide.push(low, high)
    else {
      for (let left = low; left !== 0; left &= left - 1) listed[at++] = 31 - Math.clz32(left & -left)
      for (let left = high; left !== 0; left &= left - 1) listed[at++] = 63 - Math.clz32(left & -left)
    }
  }
  return { reached, listed: listed.slice(0, at), wide: Uint32Array.from(wide) }
}

function readSources(unpacked: Unpacked, rows: Counts): void {
  const reached = arrayOf(unpacked, 'reached', 'Uint8Array', rows.used)
  const listed = arrayOf(unpacked, 'listed', 'Uint8Array')
  const wide = arrayOf(unpacked, 'wide', 'Uint32Array')
  let [atListed, atWide] = [0, 0]
  for (let row = 0; row < rows.used; row++) {
    let [low, high] = [0, 0]
    if ((reached[row] ?? 0) > mostListed) {
      low = wide[atWide++] ?? 0
      high = wide[atWide++] ?? 0
    } else {
      for (const end = atListed + (reached[row] ?? 0); atListed < end; atListed++) {
        const bucket = listed[atListed] ?? 64
        if (bucket > 63) throw corrupt()
        if (bucket < 32) low |= 1 << bucket
        else high |= 1 << (bucket - 32)
      }
    }
    setWord(rows, row, words.low, low)
    setWord(rows, row, words.high, high)
  }
  if (atListed !== listed.length || atWide !== wide.length) throw corrupt()
}

export function corrupt(): TasterError {
  return new TasterError(
    'BASELINE_CORRUPT',
    'trigger: what was counted along the stream cannot be read back; restore it from a copy, or start the stream anew',
  )
}
