import { describe, expect, it } from 'vitest'
import { validate } from '../../../src/baseline/validate.ts'
import type { Measurement } from '../../../src/core/measurement.ts'
import { clopperPearson } from '../../../src/stats/clopper-pearson.ts'
import { encodedVectors } from './encoded-vectors.ts'
import { gaussianRecords } from './gaussian-records.ts'
import { probe } from './probe.ts'

const validation = encodedVectors(gaussianRecords(200), ['a', 'b'])
const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1)
const nothing = { scores: [], nulls: new Map() }
const level = (logE: number): Measurement => ({ kind: 'level', subject: { kind: 'stream' }, logE, records: 1 })
const increment = (name: string, ...logE: number[]): Measurement => ({
  kind: 'increment',
  subject: { kind: 'source', name },
  logE: Float64Array.from(logE),
  records: 1,
})

describe('validate', () => {
  it('counts records of a score, with the exact interval', () => {
    const scores = Float64Array.from({ length: 200 }, (_, row) => (row < 3 ? 101 : 50))
    const detector = probe(() => [{ kind: 'scores', scores }])
    const [at1, at5] = validate(detector, null, { scores: [hundred, hundred], nulls: new Map() }, validation, 1)
    expect(at1).toEqual({
      alpha: 0.01,
      unit: 'records',
      records: 1,
      alarms: 3,
      trials: 200,
      ...clopperPearson(3, 200),
    })
    expect(at5).toMatchObject({ alpha: 0.05, alarms: 3 })
  })

  it('counts batches of a statistic at its smallest size, label by label, no record twice', () => {
    const seen: string[] = []
    const detector = probe(
      (batch) => {
        if (batch.label.length < 200) seen.push(...batch.records.id)
        return [
          {
            kind: 'statistic',
            subject: { kind: 'label', name: batch.labels[batch.label[0] ?? 0] ?? '' },
            value: 200,
            records: batch.label.length,
          },
        ]
      },
      { by: 'label', sizes: [30, 60] },
    )
    const nulls = new Map([['a', new Map([[30, hundred]])]])
    const [at1] = validate(detector, null, { scores: [], nulls }, validation, 1)
    expect(at1).toMatchObject({ unit: 'batches', records: 30, alarms: 3, trials: 3 })
    expect(seen).toHaveLength(180)
    expect(new Set(seen).size).toBe(180)
  })

  it.each([
    [
      'the average over bets and subjects of increments',
      [increment('x', Math.log(200), -Infinity), increment('y', Math.log(120), Math.log(90))],
      4,
    ],
    ['too little on average', [increment('x', Math.log(190), -Infinity), increment('y', 0, 0)], 0],
    ['the sum of levels, which carry their shares', [level(Math.log(60)), level(Math.log(41))], 4],
    ['no measurement: nothing speaks against it', [], 0],
  ])('makes an e-value of a batch: %s', (_, measurements, alarms) => {
    const [at1] = validate(
      probe(() => [...measurements]),
      null,
      nothing,
      validation,
      1,
    )
    expect(at1).toMatchObject({ unit: 'batches', records: 50, alarms, trials: 4 })
  })

  it('does not take a batch for a trial that says it has too little data', () => {
    const detector = probe(() => [{ kind: 'insufficient', subject: { kind: 'stream' }, records: 50, needed: 100 }])
    expect(validate(detector, null, nothing, validation, 1)[0]).toMatchObject({ trials: 0, lower: 0, upper: 1 })
  })
})
