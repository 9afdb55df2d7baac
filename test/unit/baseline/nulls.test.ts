import { describe, expect, it } from 'vitest'
import classShift from '../../../detectors/class-shift.ts'
import { drawn } from '../../../src/baseline/drawn.ts'
import { bootstrapNulls, testableSizes } from '../../../src/baseline/nulls.ts'
import { selectEncoded } from '../../../src/core/encoded.ts'
import { clopperPearson } from '../../../src/stats/clopper-pearson.ts'
import { conformalPValue } from '../../../src/stats/conformal-p-value.ts'
import { encodedVectors } from './encoded-vectors.ts'
import { gaussianRecords } from './gaussian-records.ts'

const rowsTo = (n: number) => Int32Array.from({ length: n }, (_, row) => row)
const clean = (rows: number, seed: number, dims: number) =>
  encodedVectors(gaussianRecords(rows, { labels: 1, dims, seed }), ['a'])

/** p-values of fresh clean batches against the null of one baseline. */
function freshPValues(seed: number, dims: number, [referenceRows, calibrationRows, size, batches]: readonly number[]) {
  const reference = clean(referenceRows ?? 0, seed * 10, dims)
  const calibration = clean(calibrationRows ?? 0, seed * 10 + 1, dims)
  const fitted = classShift.fit(reference, { shrinkage: 0.1 }, 1)
  const nulls = bootstrapNulls(
    {
      detector: classShift,
      fitted,
      label: 'a',
      calibrationRows: rowsTo(calibrationRows ?? 0),
      referenceRows: rowsTo(referenceRows ?? 0),
    },
    calibration,
    reference,
    [size ?? 0],
    seed,
  )
  const sorted = nulls.get(size ?? 0) ?? new Float64Array()
  const fresh = clean((batches ?? 0) * (size ?? 0), seed * 10 + 2, dims)
  return Array.from({ length: batches ?? 0 }, (_, b) => {
    const batch = drawn(
      fresh,
      rowsTo(size ?? 0).map((row) => row + b * (size ?? 0)),
    )
    const [measured] = classShift.measure(batch, fitted, classShift.memory.empty()).measurements
    return measured?.kind === 'statistic' ? conformalPValue(sorted, measured.value) : NaN
  })
}

describe('bootstrapNulls', () => {
  // size at the limit of what is tested, where the noise of the calibration rows weighs most
  it.each([
    { dims: 3, sizes: [200, 120, 50, 100] },
    { dims: 20, sizes: [300, 180, 100, 100] },
  ])(
    'alarms in at most 2 % of fresh clean batches at 1 %, over many baselines ($dims dimensions)',
    ({ dims, sizes }) => {
      const p = Array.from({ length: 12 }, (_, i) => freshPValues(i + 1, dims, sizes)).flat()
      expect(p).toHaveLength(1200)
      const alarms = p.filter((each) => each <= 0.01).length
      expect(clopperPearson(alarms, p.length).upper).toBeLessThanOrEqual(0.02)
      // and it is no test that never alarms: the median is not far from one half
      const median = p.toSorted((a, b) => a - b)[600] ?? 0
      expect(median).toBeGreaterThan(0.35)
      expect(median).toBeLessThan(0.75)
    },
  )

  it('is ascending, and the same for the same seed', () => {
    const reference = clean(200, 1, 3)
    const calibration = clean(100, 2, 3)
    const fitted = classShift.fit(reference, { shrinkage: 0.1 }, 1)
    const of = { detector: classShift, fitted, label: 'a', calibrationRows: rowsTo(100), referenceRows: rowsTo(200) }
    const null50 = bootstrapNulls(of, calibration, reference, [50], 9).get(50)
    expect(null50).toHaveLength(1999)
    expect(null50).toEqual(null50?.toSorted())
    expect(bootstrapNulls(of, calibration, reference, [50], 9).get(50)).toEqual(null50)
  })

  it('has no null at a size where the detector gives no statistic', () => {
    const both = clean(200, 1, 3)
    const fitted = classShift.fit(both, { shrinkage: 0.1 }, 1)
    const of = { detector: classShift, fitted, label: 'a', calibrationRows: rowsTo(200), referenceRows: rowsTo(200) }
    expect(bootstrapNulls(of, both, both, [60], 1).size).toBe(0)
  })
})

describe('testableSizes', () => {
  it('asks for fifty calibration rows, and four times the size together with the reference', () => {
    expect(testableSizes([50, 100, 200], 49, 5000)).toEqual([])
    expect(testableSizes([50, 100, 200], 120, 279)).toEqual([50])
    expect(testableSizes([50, 100, 200], 120, 280)).toEqual([50, 100])
  })
})

describe('drawn', () => {
  it('is the selection of the same rows, repeated rows included', () => {
    const encoded = clean(10, 1, 3)
    const rows = Int32Array.of(3, 3, 0)
    const { nameOf, ...selected } = selectEncoded(encoded, rows)
    expect(nameOf(0, 1)).toBe('')
    expect(drawn(encoded, rows)).toMatchObject(selected)
  })

  it('moves vectors and nothing else', () => {
    const encoded = clean(4, 1, 2)
    const moved = drawn(encoded, Int32Array.of(2), { scale: 2, shift: Float64Array.of(1, -1) })
    const [x = 0, y = 0] = encoded.vectors.data.subarray(4)
    expect([...moved.vectors.data]).toEqual([Math.fround(2 * x + 1), Math.fround(2 * y - 1)])
    expect(moved.records.id).toEqual(['r2'])
  })
})
