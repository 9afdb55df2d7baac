import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/pair-flip.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { betaQuantile } from '../../../src/stats/beta-quantile.ts'
import { logMeanExp } from '../../../src/stats/log-mean-exp.ts'
import { labels } from '../../contract/synthetic.ts'
import { records, type Row } from './suggested.ts'

const [ham, news, spam] = [0, 1, 2]
const sources = Array.from({ length: 20 }, (_, i) => `s${i}`)
/** Every source mistakes the same share: 1 of 20 spam-like records is ham, which has 21. */
const alike = records(
  ...sources.flatMap((source): Row[] => [
    [source, ham, ham, 20],
    [source, news, news, 20],
    [source, spam, spam, 19],
    [source, spam, ham, 1],
  ]),
)
const fit = (reference: Encoded) => detector.fit(reference, detector.params.parse({}), 1)
const fitted = fit(alike)
const measure = (batch: Encoded, memory = detector.memory.empty(), own = fitted) => detector.measure(batch, own, memory)
const level = (logE: Float64Array) => logMeanExp(logE)

describe('pair-flip', () => {
  it('bounds a pair’s rate among trusted records exactly, both ways', () => {
    const pair = spam * labels.length + ham
    expect(fitted.bySays.bound[pair]).toBeCloseTo(betaQuantile(0.95, 21, 380), 12)
    expect(fitted.byGiven.bound[pair]).toBeCloseTo(betaQuantile(0.95, 21, 400), 12)
    expect([...fitted.bySays.correlation, ...fitted.byGiven.correlation].every((rho) => rho === 0)).toBe(true)
  })

  it('names the source and the pair that flips, and no other', () => {
    const batch = records(
      ['bad', spam, ham, 12],
      ['bad', spam, spam, 18],
      ['bad', ham, ham, 30],
      ['good', spam, spam, 30],
    )
    const { measurements } = measure(batch)
    expect(measurements.map((each) => (each.kind === 'increment' ? each.subject : each.kind))).toEqual([
      { kind: 'pair', source: 'bad', from: 'spam', to: 'ham' },
    ])
    const [flips] = measurements
    expect(flips?.kind === 'increment' && level(flips.logE)).toBeGreaterThan(Math.log(1000))
    const explanation = detector.explain(
      { kind: 'pair', source: 'bad', from: 'spam', to: 'ham' },
      batch,
      fitted,
      measure(batch).memory,
    )
    expect(explanation.suspects).toEqual(Array.from({ length: 12 }, (_, row) => row))
    expect(explanation.facts).toMatchObject({ flipped: 12, looksLikeFrom: 30, labelled: [12, 0, 18] })
  })

  it('counts batches without a flip in a source’s favour after its first', () => {
    const clean = records(['s1', spam, spam, 10], ['s1', ham, ham, 10])
    expect(measure(clean).measurements).toEqual([])
    const { memory } = measure(records(['s1', spam, ham, 1], ['s1', spam, spam, 9]))
    const [after] = measure(clean, memory).measurements
    expect(after?.kind === 'increment' && after.logE.every((e) => e < 0)).toBe(true)
  })

  it('is not moved, where sources differ, by one that sends other labels than it used to', () => {
    const differing = records(
      ...sources.flatMap((source, i): Row[] => [
        [source, ham, ham, 20],
        [source, spam, spam, 19],
        [source, spam, ham, i % 5 === 0 ? 8 : 1],
      ]),
    )
    // only ham from now on: what looks like spam is ham, and no more of the ham looks like spam than before
    const [pair] = measure(
      records(['s1', spam, ham, 5], ['s1', ham, ham, 100]),
      detector.memory.empty(),
      fit(differing),
    ).measurements
    expect(pair?.kind === 'increment' && level(pair.logE)).toBeLessThan(1)
  })

  it('judges sources by their own trusted records where these differ', () => {
    const differing = records(
      ...sources.flatMap((source, i): Row[] => [
        [source, ham, ham, 30],
        [source, news, news, 20],
        [source, spam, i < 1 ? ham : spam, 30],
      ]),
    )
    const own = fit(differing)
    expect(own.bySays.correlation[spam]).toBeGreaterThan(0.5)
    const flips = (source: string) => records([source, spam, ham, 30], [source, spam, spam, 10], [source, ham, ham, 5])
    expect(measure(flips('nobody knows'), detector.memory.empty(), own).measurements).toEqual([])
    const [known] = measure(flips('s10'), detector.memory.empty(), own).measurements
    expect(known?.kind === 'increment' && level(known.logE)).toBeGreaterThan(1)
    // what looks like spam was ham here all along
    expect(measure(flips('s0'), detector.memory.empty(), own).measurements).toEqual([])
  })

  it('tests records without a source together', () => {
    const [pair] = measure(records([null, spam, ham, 5], [null, spam, spam, 5])).measurements
    expect(pair).toMatchObject({ subject: { kind: 'pair', source: '', from: 'spam', to: 'ham' } })
  })

  it('reports every pair once it has had to forget sources', () => {
    let memory = detector.memory.empty()
    for (let part = 0; part < 3; part++) {
      const many = records(...Array.from({ length: 8000 }, (_, i): Row => [`p${part}-${i}`, spam, ham, 1]))
      memory = measure(many, memory).memory
    }
    expect(memory.shed).toBe(true)
    expect(measure(records(['quiet', spam, spam, 10]), memory).measurements.length).toBeGreaterThan(0)
  })

  it('needs two labels', () => {
    const one = {
      ...alike,
      labels: ['ham'],
      probabilities: { rows: alike.label.length, cols: 1, data: new Float64Array(alike.label.length).fill(1) },
    }
    expect(() => fit(one)).toThrow(/compares two labels/)
  })
})
