import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/novel-label.ts'
import { column } from '../../../src/core/column.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { exceedanceLogE } from '../../../src/stats/exceedance-log-e.ts'
import { labels, synthetic } from '../../contract/synthetic.ts'

const reference = synthetic({ rows: 1500, seed: 1 })
const fitted = detector.fit(reference, detector.params.parse({}), 1)

/** A batch whose records have these labels. */
function labelled(...names: (string | null)[]): Encoded {
  const base = synthetic({ rows: names.length, seed: 2 })
  const label = column(names)
  const known = (code: number) => labels.findIndex((name) => name === label.values[code])
  return {
    ...base,
    records: { ...base.records, label },
    label: label.codes.map((code) => (code < 0 ? -1 : known(code))),
  }
}

const measure = (batch: Encoded, memory = detector.memory.empty()) => detector.measure(batch, fitted, memory)
const explain = (name: string) => detector.explain({ kind: 'label', name }, labelled(name), fitted, new Map())

describe('novel-label', () => {
  it('bounds the rate of new labels by their absence among n trusted records: 1 - δ^(1/n)', () => {
    expect(fitted.bound).toBeCloseTo(1 - 0.05 ** (1 / 1500), 12)
    expect(fitted.bets.every((bet) => bet * fitted.bound <= 0.5)).toBe(true)
  })

  it('counts new labels against labelled records, in all and by name', () => {
    const { measurements } = measure(labelled('ham', 'spma', null, 'spma', 'ham', 'other'))
    const logE = (hits: number) => exceedanceLogE(hits, 5, fitted.bound, fitted.bets)
    expect(measurements).toEqual([
      { kind: 'increment', subject: { kind: 'stream' }, logE: logE(3), records: 5 },
      { kind: 'increment', subject: { kind: 'label', name: 'spma' }, logE: logE(2), records: 5 },
      { kind: 'increment', subject: { kind: 'label', name: 'other' }, logE: logE(1), records: 5 },
    ])
  })

  it('goes on counting for a name once seen, so that clean records speak for it', () => {
    const first = measure(labelled('spma', 'ham'))
    const { measurements } = measure(labelled('ham', 'ham', 'ham'), first.memory)
    expect(measurements).toContainEqual({
      kind: 'increment',
      subject: { kind: 'label', name: 'spma' },
      logE: exceedanceLogE(0, 3, fitted.bound, fitted.bets),
      records: 3,
    })
  })

  it('follows 64 names at most, and none of more than 200 characters', () => {
    const names = Array.from({ length: 100 }, (_, i) => `new ${i}`)
    const { measurements, memory } = measure(labelled(...names, 'x'.repeat(201)))
    expect(memory.size).toBe(64)
    expect(measurements).toHaveLength(65)
    expect(measurements[0]).toMatchObject({ subject: { kind: 'stream' }, records: 101 })
  })

  it('keeps names that objects treat specially apart', () => {
    const { memory } = measure(labelled('__proto__', 'constructor', '__proto__'))
    expect(memory).toEqual(
      new Map([
        ['__proto__', 2],
        ['constructor', 1],
      ]),
    )
  })

  it.each([
    ['spma', 'spam'],
    ['Ham ', 'ham'],
    ['newss', 'news'],
    ['SPAM', 'spam'],
  ])('asks whether %s was meant to be %s', (name, meant) => {
    expect(explain(name).facts['didYouMean']).toBe(meant)
  })

  it('does not guess where no trusted label is near', () => {
    expect(explain('invoice').facts).not.toHaveProperty('didYouMean')
  })

  it('needs labels', () => {
    const unlabelled = synthetic({ rows: 200, seed: 3, unlabelled: true })
    expect(() => detector.fit(unlabelled, detector.params.parse({}), 1)).toThrow(/no trusted record has one/)
    expect(measure(unlabelled).measurements).toEqual([])
  })
})
