import { describe, expect, it } from 'vitest'
import { calibrate } from '../../../src/baseline/calibrate.ts'
import { column } from '../../../src/core/column.ts'
import { encodedVectors } from './encoded-vectors.ts'
import { gaussianRecords } from './gaussian-records.ts'
import { probe } from './probe.ts'
import { splitsOf } from './splits-of.ts'

/** Records with `counts[i]` of label i, in order. */
function labelled(counts: readonly number[], labels: readonly string[]) {
  const names = counts.flatMap((count, i) => Array<string | undefined>(count).fill(labels[i]))
  return encodedVectors({ ...gaussianRecords(names.length), label: column(names) }, labels)
}
const rowNumbers = probe(({ label }) => [{ kind: 'scores', scores: Float64Array.from(label, (_, row) => -row) }])

describe('calibrate', () => {
  it('keeps scores by label, ascending, without those that do not apply', () => {
    const odd = probe(({ label }) => [
      { kind: 'scores', scores: Float64Array.from(label, (_, row) => (row % 2 === 0 ? NaN : -row)) },
    ])
    const all = labelled([60, 60], ['a', 'b'])
    const { calibration, warnings } = calibrate(odd, {}, null, splitsOf(all), 1)
    expect(calibration.scores.map(({ length }) => length)).toEqual([30, 30])
    expect(calibration.scores[0]?.[0]).toBe(-59)
    expect(calibration.scores[0]).toEqual(calibration.scores[0]?.toSorted())
    expect(warnings).toEqual([])
  })

  it('lets rare labels share what they have, and says so', () => {
    const all = labelled([60, 12, 9], ['a', 'b', 'c'])
    const { calibration, warnings } = calibrate(rowNumbers, {}, null, splitsOf(all), 1)
    expect(calibration.scores.map(({ length }) => length)).toEqual([60, 21, 21])
    expect(warnings).toEqual([expect.stringContaining('"b", "c": these are scored against each other')])
  })

  it('does not score rare labels that have too few together', () => {
    const all = labelled([60, 9, 9], ['a', 'b', 'c'])
    const { calibration, warnings } = calibrate(rowNumbers, {}, null, splitsOf(all), 1)
    expect(calibration.scores.map(({ length }) => length)).toEqual([60, 0, 0])
    expect(warnings).toEqual([expect.stringContaining('not scored')])
  })

  it('has one set of scores where there are no labels', () => {
    const all = encodedVectors(gaussianRecords(30), [])
    expect(calibrate(rowNumbers, {}, null, splitsOf(all), 1).calibration.scores.map(({ length }) => length)).toEqual([
      30,
    ])
  })

  it('refuses a detector that nothing can calibrate', () => {
    const few = labelled([9, 9], ['a', 'b'])
    expect(() => calibrate(rowNumbers, {}, null, splitsOf(few), 1)).toThrow(
      expect.objectContaining({ code: 'CALIBRATION_INSUFFICIENT' }),
    )
    const counting = probe(() => [], { by: 'label', sizes: [10] })
    expect(() => calibrate(counting, {}, null, splitsOf(few), 1)).toThrow(
      expect.objectContaining({ code: 'CALIBRATION_INSUFFICIENT' }),
    )
  })

  it('asks nothing of a detector that gives evidence itself', () => {
    const few = labelled([9, 9], ['a', 'b'])
    const { calibration } = calibrate(
      probe(() => []),
      {},
      null,
      splitsOf(few),
      1,
    )
    expect(calibration.nulls.size).toBe(0)
  })

  it('draws nulls for the whole stream too', () => {
    const spread = probe(
      ({ vectors, label }) => [
        {
          kind: 'statistic',
          subject: { kind: 'stream' },
          value: Math.abs(vectors.data.reduce((sum, x) => sum + x, 0)),
          records: label.length,
        },
      ],
      { by: 'stream', sizes: [10, 50, 1000] },
    )
    const all = labelled([60, 60], ['a', 'b'])
    const { calibration } = calibrate(spread, {}, null, splitsOf(all), 1)
    expect([...(calibration.nulls.get('') ?? new Map()).keys()]).toEqual([10, 50])
  })
})
