import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/label-prior.ts'
import { beyondContent, impliedBy, shiftOf } from '../../../detectors/label-prior/content.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import type { Measurement } from '../../../src/core/measurement.ts'
import { records, type Row } from './suggested.ts'

const [ham, news, spam] = [0, 1, 2]
/** Ten sources of 80; half of all is ham, a quarter each news and spam; one in twenty looks like another label. */
const honest = (times: number): Row[] =>
  Array.from({ length: 10 }, (_, i) => `s${i}`).flatMap((source): Row[] => [
    [source, ham, ham, 38 * times],
    [source, news, ham, 2 * times],
    [source, news, news, 19 * times],
    [source, spam, news, times],
    [source, spam, spam, 19 * times],
    [source, ham, spam, times],
  ])
/** In time, every stretch has a bit of everything. */
const trusted = (() => {
  const encoded = records(...honest(1))
  const at = Float64Array.from(encoded.label, (_, row) => (row * 7919) % encoded.label.length)
  return { ...encoded, records: { ...encoded.records, at } }
})()
const fitted = detector.fit(trusted, {}, 1)
const measure = (batch: Encoded, memory = detector.memory.empty()) => detector.measure(batch, fitted, memory)
const about = (measurements: readonly Measurement[], kind: string, name?: string) =>
  measurements.flatMap((each) =>
    each.kind === 'increment' && each.subject.kind === kind && 'name' in each.subject && each.subject.name === name
      ? [each.logE[0] ?? NaN]
      : [],
  )[0] ?? NaN

describe('label-prior', () => {
  it('solves label shares from suggested labels (BBSE)', () => {
    const shift = shiftOf(trusted, trusted.label.keys())
    if (shift === null) throw new Error('the suggestions tell the labels apart')
    const says = [100 * 0.05 + 50, 95, 0]
    // 100 ham of which 5 look like news … solved back from what A makes of (50, 50, 0)
    const implied = impliedBy(shift, [0.95 * 50, 0.05 * 50 + 0.95 * 50, 0.05 * 50])
    expect(implied[ham]).toBeCloseTo(50, 0)
    expect(implied[news]).toBeCloseTo(50, 0)
    expect(implied[spam]).toBeCloseTo(0, 0)
    expect(impliedBy(shift, says).reduce((sum, n) => sum + n, 0)).toBeCloseTo(150, 6)
  })

  it('sees no excess in a shift of the population, and one where labels alone change', () => {
    const shift = shiftOf(trusted, trusted.label.keys())
    if (shift === null) throw new Error('the suggestions tell the labels apart')
    const moved = { given: Float64Array.of(0, 0, 100), says: Float64Array.of(5, 0, 95) }
    expect(Math.max(...beyondContent(shift, moved))).toBeLessThan(1)
    const flipped = { given: Float64Array.of(0, 0, 100), says: Float64Array.of(40, 0, 60) }
    expect(beyondContent(shift, flipped)[spam]).toBeGreaterThan(4)
  })

  it('tempers by what trusted sources and labels do, and tests those with 60 records', () => {
    expect(fitted.sources).toHaveLength(10)
    expect(fitted.labelPower).toBeGreaterThan(0)
    expect(fitted.sourcePower).toBeGreaterThan(0)
  })

  it('names the label of an attack, says so, and points at the records that contradict it', () => {
    const batch = records(['s1', ham, ham, 20], ['s1', ham, spam, 30], ['s1', spam, spam, 10])
    const { measurements, memory } = measure(batch)
    expect(about(measurements, 'label', 'spam')).toBeGreaterThan(3)
    expect(about(measurements, 'label', 'ham')).toBeLessThan(0)
    expect(about(measurements, 'source', 's1')).toBeGreaterThan(3)
    const told = detector.explain({ kind: 'label', name: 'spam' }, batch, fitted, memory)
    expect(told.facts['kind']).toBe('label attack')
    expect(told.summary).toMatch(/^67 % of the last 60 records are labelled "spam", .* the labels changed/)
    expect(told.suspects).toEqual(Array.from({ length: 20 }, (_, i) => 20 + i))
  })

  it('calls an honest shift of the population one, and has nothing against it but the shares', () => {
    const batch = records(['s1', spam, spam, 57], ['s1', ham, spam, 3])
    const { measurements, memory } = measure(batch)
    expect(about(measurements, 'label', 'spam')).toBeLessThan(0)
    expect(about(measurements, 'source', 's1')).toBeLessThan(0)
    expect(measurements[0]).toMatchObject({ kind: 'increment', subject: { kind: 'stream' }, records: 60 })
    const told = detector.explain({ kind: 'stream' }, batch, fitted, memory)
    expect(told.facts['kind']).toBe('population shift')
    expect(told.summary).toContain('a shift of the population, not of the labelling')
    expect(told.suspects).toEqual([])
  })

  it('does not take for an attack what 800 trusted records get wrong, however many records come at once', () => {
    // two and a half standard errors of the trusted shares, and of how often their content looks like another label
    const [hams, errors] = [5440, 8]
    const each = 2280 / (100 - 2 * errors)
    const honest = records(
      ['s1', ham, ham, (hams * (100 - errors)) / 100],
      ['s1', news, ham, (hams * errors) / 100],
      ['s1', news, news, Math.round(92 * each)],
      ['s1', spam, news, Math.round(8 * each)],
      ['s1', spam, spam, Math.round(92 * each)],
      ['s1', ham, spam, Math.round(8 * each)],
    )
    const evidence = measure(honest).measurements.flatMap((one) => (one.kind === 'increment' ? [...one.logE] : []))
    expect(evidence.length).toBeGreaterThan(3)
    expect(Math.max(...evidence)).toBeLessThan(0)
  })

  it('waits for 50 records of the stream and 15 of a source', () => {
    const { measurements, memory } = measure(records(['s1', ham, ham, 14]))
    expect(measurements.map((each) => each.kind === 'insufficient' && [each.records, each.needed])).toEqual([
      [14, 50],
      [14, 15],
    ])
    const next = measure(records(['s1', ham, ham, 1]), memory).measurements
    expect(about(next, 'source', 's1')).not.toBeNaN()
  })
})
