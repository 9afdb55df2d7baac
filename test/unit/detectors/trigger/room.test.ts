import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  claim,
  claimAll,
  emptyCounts,
  featureAt,
  isFree,
  keyOf,
  setWord,
  slotAt,
  slotOf,
  wordAt,
  words,
  type Counts,
} from '../../../../detectors/trigger/counts.ts'
import { makeRoom } from '../../../../detectors/trigger/room.ts'

const slots = 64
const taken = (counts: Counts) =>
  Array.from({ length: counts.slots }, (_, slot) => slot).filter((slot) => !isFree(counts, slot))

describe('a full table', () => {
  it('keeps what was seen most, each subject as it was and where it is found, and nothing of the others', () => {
    const subject = fc.record({ feature: fc.nat(2 ** 32 - 1), documents: fc.integer({ min: 1, max: 6 }) })
    const subjects = fc.uniqueArray(subject, { selector: ({ feature }) => feature, minLength: 40, maxLength: 44 })
    fc.assert(
      fc.property(subjects, (all) => {
        const counts = emptyCounts(slots)
        for (const { feature, documents } of all) {
          const slot = claim(counts, feature, 1)
          slotAt(counts, slot).fill(feature, 2)
          setWord(counts, slot, words.documents, documents)
          setWord(counts, slot, words.touched, 9)
        }
        const held = new Set(all.slice(0, 2).map(({ feature }) => keyOf(feature, 1)))
        const { counts: after, shed } = makeRoom(counts, 6, slots, { batch: 9, period: 1 }, held)
        expect([after, shed]).toEqual([counts, true])
        const kept = taken(after).map((slot) => featureAt(after, slot))
        expect([after.used, new Set(kept).size]).toEqual([kept.length, kept.length])
        const least = Math.min(...all.slice(2).flatMap((each) => (kept.includes(each.feature) ? each.documents : [])))
        all.forEach(({ feature, documents }, i) => {
          expect(kept.includes(feature)).toBe(i < 2 || documents >= least)
          if (!kept.includes(feature)) return
          const slot = slotOf(after, feature, 1)
          expect([isFree(after, slot), wordAt(after, slot, words.documents)]).toEqual([false, documents])
          expect(wordAt(after, slot, words.low)).toBe(feature)
        })
        const free = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => isFree(after, slot))
        expect(free.filter((slot) => slotAt(after, slot).some((word) => word !== 0))).toEqual([])
      }),
      { seed: 4, numRuns: 300 },
    )
  })
})

describe('claimAll', () => {
  it('claims what claim would have, where it would have', () => {
    const features = Uint32Array.from({ length: 40 }, (_, i) => Math.imul(i % 30, 0x9e3779b1) >>> 0)
    const [one, other] = [emptyCounts(slots), emptyCounts(slots)]
    const into = new Int32Array(40)
    claimAll(one, features, 2, into)
    expect([...into]).toEqual(Array.from(features, (feature) => claim(other, feature, 2)))
    expect([one.used, [...one.words]]).toEqual([30, [...other.words]])
  })
})
