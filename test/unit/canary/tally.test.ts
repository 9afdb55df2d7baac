import { describe, expect, it } from 'vitest'
import { openCounts, resultOf, resultsOf } from '../../../src/canary/tally.ts'
import type { Trial } from '../../../src/canary/trial.ts'

const at = { topic: 't', partition: 0, offset: 0n }
const trial = (more: Partial<Trial> = {}): Trial => ({
  attack: 'label-flips',
  mark: '',
  from: at,
  to: at,
  caught: true,
  detectors: ['pair-flip'],
  admitted: 4,
  poisons: 5,
  records: 200,
  batches: 4,
  anyway: false,
  alwaysFire: { records: 50 },
  ...more,
})

describe('resultsOf', () => {
  it('counts by attack, in the order given, those that were not tried, too', () => {
    const [flips, word] = resultsOf(['label-flips', 'trigger-word'], [trial(), trial({ anyway: true })])
    expect(flips).toMatchObject({ trials: 2, caught: 2, anyway: 1, recall: { value: 1, upper: 1 } })
    expect(flips?.recall.lower).toBeCloseTo(0.1581, 4) // Clopper & Pearson, 2 of 2
    expect(word).toMatchObject({ trials: 0, recall: { value: null, lower: 0, upper: 1 }, admitted: { median: null } })
  })

  it('takes what was missed as never caught: no quantile hides it', () => {
    const missed = trial({ caught: false, detectors: [], admitted: 50, poisons: 50, records: 2500 })
    const half = resultOf('all', [trial(), trial({ records: 300 }), trial({ records: 400 }), missed])
    expect(half.records).toEqual({ median: 350, most: null })
    expect(resultOf('all', [trial(), missed, missed]).records.median).toBe(null)
    expect(half.alwaysFire.records).toEqual({ median: 50, most: 50 })
  })

  it('names detectors by how often they did', () => {
    const { detectors } = resultOf('all', [
      trial(),
      trial({ detectors: ['trigger', 'class-shift'] }),
      trial({ detectors: ['trigger'] }),
    ])
    expect(detectors.map(({ detector, trials }) => `${detector} ${trials}`)).toEqual([
      'trigger 2',
      'class-shift 1',
      'pair-flip 1',
    ])
  })
})

describe('openCounts', () => {
  it('counts each attack by itself', () => {
    const counts = openCounts()
    counts.add(trial())
    counts.add(trial({ attack: 'trigger-word' }))
    expect(counts.add(trial({ caught: false }))).toMatchObject({ trials: 2, caught: 1, recall: { value: 0.5 } })
  })
})
