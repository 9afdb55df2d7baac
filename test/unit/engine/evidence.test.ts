import { describe, expect, it } from 'vitest'
import { capped, grow, ledger, levelOf, mergeEvidence } from '../../../src/engine/evidence.ts'

const at = (offset: number) => ({ topic: 't', partition: 0, offset: BigInt(offset) })
const subject = { kind: 'source', name: 'a' } as const

describe('e-CUSUM evidence', () => {
  it('multiplies e-values and restarts at 1 where they fell below it', () => {
    const one = grow(undefined, subject, Float64Array.of(2, -1), 10, at(1))
    const two = grow(one, subject, Float64Array.of(1, 3), 5, at(2))
    expect([...two.logE]).toEqual([3, 3])
    expect(two.records).toBe(15)
    expect(two.since).toEqual(at(1))
  })

  it('moves the onset to where nothing spoke against the subject any more', () => {
    const low = grow(undefined, subject, Float64Array.of(-2, -1), 10, at(1))
    const again = grow(low, subject, Float64Array.of(1, 1), 5, at(2))
    expect(again.since).toEqual(at(2))
    expect(again.records).toBe(5)
  })

  it('averages over bets', () => {
    const evidence = grow(undefined, subject, Float64Array.of(Math.log(3), Math.log(1)), 1, at(1))
    expect(levelOf(evidence)).toBeCloseTo(Math.log(2), 12)
  })

  it('stops at a ceiling', () => {
    const high = grow(undefined, subject, Float64Array.of(50, 10), 1, at(1))
    expect(levelOf(capped(high, 12))).toBeCloseTo(12, 10)
    expect(capped(high, 60)).toBe(high)
  })

  it('merges in any order and grouping', () => {
    const a = grow(undefined, subject, Float64Array.of(1, -3), 2, at(5))
    const b = grow(undefined, subject, Float64Array.of(0.5, 2), 3, at(2))
    const c = grow(undefined, subject, Float64Array.of(-1, 4), 4, at(9))
    expect(mergeEvidence(a, b)).toEqual(mergeEvidence(b, a))
    expect(mergeEvidence(mergeEvidence(a, b), c)).toEqual(mergeEvidence(a, mergeEvidence(b, c)))
    expect(mergeEvidence(a, b).since).toEqual(at(2))
  })
})

describe('the ledger', () => {
  it('forgets the subjects with the least evidence, never an alarm', () => {
    const entries = ledger(100)
    for (let i = 0; i < 150; i++) {
      const each = { kind: 'source', name: `s${i}` } as const
      const evidence = grow(undefined, each, Float64Array.of(i), 1, at(i))
      entries.set('d', each, i === 3 ? { ...evidence, active: true } : evidence)
    }
    expect(entries.get('d', { kind: 'source', name: 's3' })?.active).toBe(true)
    expect(entries.get('d', { kind: 'source', name: 's0' })).toBeUndefined()
    expect(entries.get('d', { kind: 'source', name: 's149' })).toBeDefined()
    expect(entries.active()).toHaveLength(1)
  })
})
