import { describe, expect, it } from 'vitest'
import { accumulate } from '../../../../detectors/trigger/accumulate.ts'
import {
  claim,
  featureAt,
  isFree,
  jointAt,
  keyAt,
  labelAt,
  realAt,
  reals,
  setReal,
  setWord,
  slotOf,
  surpriseUnit,
  wordAt,
  words,
} from '../../../../detectors/trigger/counts.ts'
import { isSpent } from '../../../../detectors/trigger/evidence.ts'
import { logShare } from '../../../../detectors/trigger/examine.ts'
import { documentsOf, emptyMemory } from '../../../../detectors/trigger/memory.ts'
import type { Memory } from '../../../../detectors/trigger/memory.ts'
import { mergeMemories } from '../../../../detectors/trigger/merge.ts'
import { memoryCodec } from '../../../../detectors/trigger/stored.ts'
import detector from '../../../../detectors/trigger.ts'
import { pack, unpack, type TypedArray } from '../../../../src/core/codec.ts'
import { random } from '../../../../src/stats/random.ts'
import { encodedOf, ordinary, poisoned, trigger } from './documents.ts'

const fitted = detector.fit(encodedOf(ordinary(400, random(1))), detector.params.parse({}), 1)
const counted = (seed: number) => {
  const memory = emptyMemory()
  accumulate(encodedOf([...ordinary(200, random(seed)), ...poisoned(8, random(seed + 50))]), fitted, memory)
  return memory
}

const bytesOf = (memory: Memory) => Buffer.from(memoryCodec.encode(memory)).toString('base64')

describe('merging', () => {
  it('is associative, commutative and has the empty memory for identity, to the last bit', () => {
    const bytes = bytesOf(mergeMemories(mergeMemories(counted(2), counted(3)), counted(4)))
    expect(bytesOf(mergeMemories(counted(2), mergeMemories(counted(3), counted(4)))) === bytes).toBe(true)
    expect(bytesOf(mergeMemories(counted(4), mergeMemories(counted(3), counted(2)))) === bytes).toBe(true)
    const one = bytesOf(counted(2))
    expect(bytesOf(mergeMemories(counted(2), emptyMemory())) === one).toBe(true)
    expect(bytesOf(mergeMemories(emptyMemory(), counted(2))) === one).toBe(true)
  })

  it('adds counts and averages shares', () => {
    const [a, b, both] = [counted(2), counted(3), mergeMemories(counted(2), counted(3))]
    expect(documentsOf(both, 0)).toBe(documentsOf(a, 0) + documentsOf(b, 0))
    const slot = slotOf(both.counts, trigger, 0)
    expect(wordAt(both.counts, slot, words.documents)).toBe(16)
    const share = (memory: typeof a) => Math.exp(logShare(memory, slotOf(memory.counts, trigger, 0)))
    expect(share(both)).toBeCloseTo((share(a) + share(b)) / 2, 12)
  })

  it('takes no joint evidence from where a subject was never tested', () => {
    // what stands there instead says how many documents a first test takes, and nothing about evidence
    const [never, tested] = [emptyMemory(), emptyMemory()]
    setReal(never.counts, claim(never.counts, 1, 0), reals.joint, 9)
    const there = claim(tested.counts, 1, 0)
    setWord(tested.counts, there, words.tests, 1)
    setReal(tested.counts, there, reals.joint, -2)
    const both = mergeMemories(never, tested).counts
    expect(jointAt(both, slotOf(both, 1, 0))).toBe(0)
  })

  it('keeps what it counted when a subject is missing on one side', () => {
    const half = emptyMemory()
    accumulate(encodedOf(poisoned(4, random(9))), fitted, half)
    const both = mergeMemories(half, counted(2))
    expect(wordAt(both.counts, slotOf(both.counts, trigger, 0), words.documents)).toBe(12)
  })
})

describe('memoryCodec', () => {
  it('keeps all counts, and of spent evidence what is still reported', () => {
    const memory = counted(2)
    const { counts } = memory
    const taken = Array.from({ length: counts.slots }, (_, slot) => slot).filter((slot) => !isFree(counts, slot))
    const spent = taken.filter((slot) =>
      isSpent(wordAt(counts, slot, words.since), realAt(counts, slot, reals.surprise) * surpriseUnit),
    )
    const watched = spent.filter((_, i) => i % 2 === 0)
    for (const slot of watched) memory.watched.add(keyAt(counts, slot))
    expect(watched.length).toBeGreaterThan(10)
    const again = memoryCodec.decode(memoryCodec.encode(memory))
    expect(again.watched).toEqual(memory.watched)
    expect(again.seen).toEqual(memory.seen)
    for (const slot of taken) {
      const there = slotOf(again.counts, featureAt(counts, slot), labelAt(counts, slot))
      const left = spent.includes(slot) && !watched.includes(slot)
      const same = [words.documents, words.low, words.high, words.touched, words.tests, ...(left ? [] : [words.since])]
      for (const word of same) expect(wordAt(again.counts, there, word)).toBe(wordAt(counts, slot, word))
      expect(jointAt(again.counts, there)).toBe(jointAt(counts, slot))
      for (const real of [reals.share, ...(left ? [] : [reals.surprise, reals.onset])])
        expect(realAt(again.counts, there, real)).toBe(realAt(counts, slot, real))
    }
  })

  it('refuses subjects that stand out of order, under no label, or with numbers that are none', () => {
    const bytes = memoryCodec.encode(counted(2))
    const tampered = (name: string, change: (column: TypedArray) => TypedArray) => {
      const { json, arrays } = unpack(bytes)
      const column = arrays.get(name)
      if (column === undefined) throw new Error(`there is no column ${name}`)
      return () => memoryCodec.decode(pack({ json, arrays: new Map([...arrays, [name, change(column)]]) }))
    }
    const corrupt = expect.objectContaining({ code: 'BASELINE_CORRUPT' }) as Error
    const twice = (column: TypedArray) => column.map((_, i) => (i > 5 ? 0 : 1))
    expect(tampered('subject', twice)).toThrow(corrupt)
    expect(tampered('subject', (column) => column.slice(1))).toThrow(corrupt)
    expect(tampered('age', (column) => column.map(() => 100))).toThrow(corrupt)
    expect(tampered('listed', (column) => column.map(() => 64))).toThrow(corrupt)
    expect(tampered('listed', (column) => column.slice(1))).toThrow(corrupt)
    expect(tampered('share', (column) => column.map(() => NaN))).toThrow(corrupt)
    expect(tampered('joint', (column) => column.slice(1))).toThrow(corrupt)
    expect(tampered('watched', () => Float64Array.of(12_345))).toThrow(corrupt)
    expect(tampered('first', (column) => column.map(() => 0))).toThrow(corrupt)
    expect(tampered('age', (column) => column)).not.toThrow()
  })
})
