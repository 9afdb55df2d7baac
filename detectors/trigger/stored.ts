import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import { TasterError } from '../../src/core/errors.ts'
import {
  claim,
  emptyCounts,
  featureAt,
  isFree,
  keyAt,
  keyOf,
  labelAt,
  slotAt,
  slotOf,
  wordsPerSlot,
  type Counts,
} from './counts.ts'
import { columnsPerLabel, emptyMemory, fewestSlots, sourceBuckets, type Memory } from './memory.ts'
import { remembered } from './signature.ts'

const count = z.int().min(0)
const header = z.strictObject({ streams: count, batches: count, shedAt: count, unknown: count, known: count })

/** Equal memories have equal bytes, however their tables came to be: subjects are stored in the order of their keys. */
export const memoryCodec: Codec<Memory> = {
  encode(memory) {
    const { streams, batches, shedAt, unknown, known, counts } = memory
    const slots: number[] = []
    for (let slot = 0; slot < counts.slots; slot++) if (!isFree(counts, slot)) slots.push(slot)
    slots.sort((a, b) => keyAt(counts, a) - keyAt(counts, b))
    const subjects = new Uint32Array(slots.length * wordsPerSlot)
    slots.forEach((slot, i) => subjects.set(slotAt(counts, slot), i * wordsPerSlot))
    const met = Uint32Array.from(memory.seen.keys()).filter((at) => memory.seen[at] !== 0)
    return pack({
      json: { streams, batches, shedAt, unknown, known },
      arrays: {
        perLabel: memory.perLabel,
        perSource: memory.perSource,
        metAt: met,
        met: met.map((at) => memory.seen[at] ?? 0),
        subjects,
        watched: Float64Array.from(memory.watched).toSorted(),
      },
    })
  },
  decode(bytes) {
    const unpacked = unpack(bytes)
    const perLabel = arrayOf(unpacked, 'perLabel', 'Float64Array')
    const perSource = arrayOf(unpacked, 'perSource', 'Float64Array', 2 * sourceBuckets)
    if (perLabel.length % columnsPerLabel !== 0 || !perLabel.every(isAmount) || !perSource.every(isAmount))
      throw corrupt()
    const counts = countsFrom(arrayOf(unpacked, 'subjects', 'Uint32Array'), perLabel.length / columnsPerLabel)
    const memory: Memory = { ...emptyMemory(), ...header.parse(unpacked.json), perLabel, perSource, counts }
    const metAt = arrayOf(unpacked, 'metAt', 'Uint32Array')
    const met = arrayOf(unpacked, 'met', 'Uint32Array', metAt.length)
    metAt.forEach((at, i) => {
      if (at >= 2 * remembered) throw corrupt()
      memory.seen[at] = met[i] ?? 0
    })
    for (const key of arrayOf(unpacked, 'watched', 'Float64Array')) {
      if (isFree(counts, slotOf(counts, Math.floor(key / 65_536), key % 65_536))) throw corrupt()
      memory.watched.add(key)
    }
    return memory
  },
}

function countsFrom(subjects: Uint32Array, labels: number): Counts {
  if (subjects.length % wordsPerSlot !== 0) throw corrupt()
  const stored: Counts = {
    slots: subjects.length / wordsPerSlot,
    used: 0,
    words: subjects,
    reals: new Float64Array(subjects.buffer),
    stride: wordsPerSlot,
  }
  let slots = fewestSlots
  while (stored.slots > 0.7 * slots) slots *= 2
  const counts = emptyCounts(slots)
  let before = -1
  for (let i = 0; i < stored.slots; i++) {
    const key = keyOf(featureAt(stored, i), labelAt(stored, i))
    const reals = stored.reals.subarray(i * 8 + 4, i * 8 + 8)
    if (key <= before || labelAt(stored, i) < 0 || labelAt(stored, i) >= labels || !reals.every(Number.isFinite))
      throw corrupt()
    before = key
    slotAt(counts, claim(counts, featureAt(stored, i), labelAt(stored, i))).set(slotAt(stored, i))
  }
  return counts
}

const isAmount = (value: number) => Number.isFinite(value) && value >= 0

function corrupt(): TasterError {
  return new TasterError(
    'BASELINE_CORRUPT',
    'trigger: what was counted along the stream cannot be read back; restore it from a copy, or start the stream anew',
  )
}
