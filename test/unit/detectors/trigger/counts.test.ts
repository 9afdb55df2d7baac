import { describe, expect, it } from 'vitest'
import {
  claim,
  emptyCounts,
  featureAt,
  isFree,
  keyOf,
  labelAt,
  realAt,
  reals,
  setReal,
  setWord,
  slotOf,
  wordAt,
  words,
} from '../../../../detectors/trigger/counts.ts'
import { makeRoom } from '../../../../detectors/trigger/room.ts'

const nobody: ReadonlySet<number> = new Set()

describe('counts', () => {
  it('keep features apart by label, and words apart from reals', () => {
    const counts = emptyCounts(16)
    const slots = [claim(counts, 7, 0), claim(counts, 7, 1), claim(counts, 0, 0)]
    expect(new Set(slots).size).toBe(3)
    expect(claim(counts, 7, 1)).toBe(slots[1])
    expect(counts.used).toBe(3)
    const slot = slotOf(counts, 7, 1)
    for (const word of Object.values(words)) setWord(counts, slot, word, word + 100)
    for (const real of Object.values(reals)) setReal(counts, slot, real, -real / 3)
    expect(Object.values(words).map((word) => wordAt(counts, slot, word))).toEqual([102, 103, 104, 105, 106, 107])
    expect(Object.values(reals).map((real) => realAt(counts, slot, real))).toEqual([-4 / 3, -5 / 3, -6 / 3, -7 / 3])
    expect([featureAt(counts, slot), labelAt(counts, slot)]).toEqual([7, 1])
    expect(wordAt(counts, slots[0] ?? 0, words.documents)).toBe(0)
  })
})

describe('makeRoom', () => {
  const filled = () => {
    const counts = emptyCounts(64)
    for (let feature = 0; feature < 44; feature++) {
      const slot = claim(counts, feature, 0)
      setWord(counts, slot, words.documents, feature + 1)
      setWord(counts, slot, words.touched, 10)
    }
    return counts
  }
  const age = { batch: 10, period: 5 }

  it('leaves a table alone that has room, and enlarges one that has not', () => {
    const counts = filled()
    expect(makeRoom(counts, 0, 64, age, nobody).counts).toBe(counts)
    const { counts: larger, shed } = makeRoom(counts, 6, 256, age, nobody)
    expect([larger.slots, larger.used, shed]).toEqual([128, 44, false])
    expect(wordAt(larger, slotOf(larger, 20, 0), words.documents)).toBe(21)
  })

  it('forgets what was seen least at capacity, but not what is held', () => {
    const { counts, shed } = makeRoom(filled(), 6, 64, age, new Set([keyOf(0, 0)]))
    expect(shed).toBe(true)
    expect(counts.used).toBeLessThanOrEqual(33)
    const kept = (feature: number) => !isFree(counts, slotOf(counts, feature, 0))
    expect([kept(0), kept(1), kept(43)]).toEqual([true, false, true])
  })

  it('forgets what has not been seen for long before what is new', () => {
    const counts = filled()
    for (let feature = 30; feature < 44; feature++) setWord(counts, slotOf(counts, feature, 0), words.touched, 0)
    const { counts: after } = makeRoom(counts, 6, 64, { batch: 100, period: 10 }, nobody)
    expect(isFree(after, slotOf(after, 43, 0))).toBe(true)
  })

  it('brings a table that merging made too large back to capacity', () => {
    expect(makeRoom(filled(), 1, 32, age, nobody).counts.slots).toBe(32)
  })
})
