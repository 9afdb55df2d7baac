import { describe, expect, it } from 'vitest'
import { arrivalShare, detectorShares, logRunLength, subjectShares } from '../../../src/engine/budget.ts'

describe('budget', () => {
  it('asks for one false alarm in that many batches', () => {
    expect(Math.exp(logRunLength({ falseAlarms: 2, batches: 10_000 }))).toBeCloseTo(5000, 8)
  })

  it('shares the whole budget out among the detectors there are', () => {
    const shares = detectorShares([
      { name: 'a', family: 'label' },
      { name: 'b', family: 'label' },
      { name: 'c', family: 'drift' },
    ])
    expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    expect(shares.get('a')).toBe(shares.get('b'))
  })

  it('gives all arrivals together less than 1', () => {
    let sum = 0
    for (let j = 1; j <= 2_000_000; j++) sum += arrivalShare(j)
    // the rest of the series is below its integral, 1 / (2 (1 + ln 2e6))
    expect(sum + 1 / (2 * (1 + Math.log(2_000_000)))).toBeLessThan(1)
  })

  it('gives the subjects of one kind at most 1 together, however many sources are invented', () => {
    const shares = subjectShares(['list-a', 'list-b'], ['ham', 'spam'])
    let sum = shares.of({ kind: 'stream' })
    for (const name of ['list-a', 'list-b']) sum += shares.of({ kind: 'source', name })
    for (let i = 0; i < 10_000; i++) sum += shares.of({ kind: 'source', name: `invented-${i}` })
    expect(sum).toBeLessThanOrEqual(1)
    const pairs = subjectShares(['list-a'], ['ham', 'spam'])
    let total = 0
    for (const source of ['list-a', 'new-1', 'new-2']) {
      total += pairs.of({ kind: 'pair', source, from: 'ham', to: 'spam' })
      total += pairs.of({ kind: 'pair', source, from: 'spam', to: 'ham' })
    }
    expect(total).toBeLessThanOrEqual(1)
  })

  it('keeps the share of a subject that came before', () => {
    const shares = subjectShares([], [])
    const first = shares.of({ kind: 'source', name: 'a' })
    shares.of({ kind: 'source', name: 'b' })
    expect(shares.of({ kind: 'source', name: 'a' })).toBe(first)
  })
})
