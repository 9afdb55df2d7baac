import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/distribution-shift.ts'
import { columnsMoved } from '../../../detectors/distribution-shift/columns-moved.ts'
import { exactMmd } from '../../../detectors/distribution-shift/verify.ts'
import { column } from '../../../src/core/column.ts'
import { selectEncoded, type Encoded } from '../../../src/core/encoded.ts'
import { normal, random } from '../../../src/stats/random.ts'
import { synthetic } from '../../contract/synthetic.ts'

const reference = synthetic({ rows: 1500, seed: 1, copies: 0 })
const params = detector.params.parse({ axes: 8, frequencies: 12 })
const fitted = detector.fit(reference, params, 1)
const measure = (batch: Encoded, memory = detector.memory.empty()) => detector.measure(batch, fitted, memory)

/** Evidence of a batch about the stream: of the short blocks, and of the long ones. */
function evidence(batch: Encoded): readonly number[] {
  const found = measure(batch).measurements.find((each) => each.kind === 'increment' && each.subject.kind === 'stream')
  return found?.kind === 'increment' ? [...found.logE] : []
}

/** Some records stand elsewhere: not in the mean alone. */
function foreign(batch: Encoded, share: number): Encoded {
  const { rows, cols, data } = batch.vectors
  const moved = data.slice()
  for (let row = 0; row < share * rows; row++) for (let j = 0; j < cols; j++) moved[row * cols + j] = 2 + (j % 2)
  return { ...batch, vectors: { rows, cols, data: moved } }
}

describe('distribution-shift', () => {
  it('finds a tenth of foreign records in a batch, and next to none where there are none', () => {
    const clean = Array.from({ length: 20 }, (_, i) => synthetic({ rows: 250, seed: 100 + i, copies: 0 }))
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(clean.map((batch) => evidence(batch)[0] ?? NaN))).toBeLessThan(0)
    expect(Math.min(...clean.map((batch) => evidence(foreign(batch, 0.1))[0] ?? NaN))).toBeGreaterThan(3)
  })

  it('follows the stream, labels and sources with records enough', () => {
    const subjects = new Set(
      measure(synthetic({ rows: 900, seed: 3 })).measurements.map((each) =>
        'subject' in each ? each.subject.kind : '',
      ),
    )
    expect([...subjects]).toEqual(['stream', 'label'])
    const few = detector.fit(synthetic({ rows: 1500, seed: 1, sources: 3 }), params, 1)
    const { measurements } = detector.measure(
      synthetic({ rows: 900, seed: 3, sources: 3 }),
      few,
      detector.memory.empty(),
    )
    expect(measurements.filter((each) => 'subject' in each && each.subject.kind === 'source')).toHaveLength(3)
  })

  it('waits for 50 records, whatever the batches they come in', () => {
    const whole = synthetic({ rows: 60, seed: 4 })
    const part = (first: number, last: number) =>
      selectEncoded(
        whole,
        Array.from({ length: last - first }, (_, i) => first + i),
      )
    const first = measure(part(0, 30))
    expect(first.measurements).toEqual([{ kind: 'insufficient', subject: { kind: 'stream' }, records: 30, needed: 50 }])
    const [stream] = measure(part(30, 60), first.memory).measurements
    expect(stream).toMatchObject({ kind: 'increment', records: 60 })
    expect(stream?.kind === 'increment' && stream.logE[0]).toBeCloseTo(evidence(whole)[0] ?? NaN, 9)
  })

  it('tests long blocks as a bet of their own', () => {
    const short = detector.fit(reference, detector.params.parse({ axes: 8, frequencies: 12, horizon: 1000 }), 1)
    const moved = synthetic({ rows: 1200, seed: 5, copies: 0 })
    const { measurements } = detector.measure(foreign(moved, 0.1), short, detector.memory.empty())
    const [stream] = measurements
    expect(stream?.kind === 'increment' && [...stream.logE].every((e) => e > 3)).toBe(true)
    expect(evidence(foreign(moved, 0.1))[1]).toBe(0)
  })

  it('names the foreign records first, and verifies them exactly', () => {
    const { summary, suspects, facts } = detector.explain(
      { kind: 'stream' },
      foreign(synthetic({ rows: 250, seed: 6, copies: 0 }), 0.4),
      fitted,
      detector.memory.empty(),
    )
    expect(summary).toMatch(/^the content of 250 records is not spread as in trusted ones/)
    expect(suspects.filter((row) => row < 100)).toHaveLength(20)
    expect(facts['permutationP']).toBeLessThanOrEqual(0.05)
  })

  it('refuses trusted records that are all equal', () => {
    expect(() => detector.fit(synthetic({ rows: 600, seed: 1, constant: true }), params, 1)).toThrow(/not all equal/)
  })
})

describe('what moved', () => {
  const uniform = random(1)
  const numbers = (count: number, mean: number) => Float64Array.from({ length: count }, () => mean + normal(uniform))
  const rows = Array.from({ length: 200 }, (_, row) => row)
  const trusted = [
    ['price', numbers(200, 0)],
    ['steady', numbers(200, 0)],
    ['kind', column(rows.map((row) => (row % 2 === 0 ? 'a' : 'b')))],
  ] as const

  it('names columns, values and missing values, and leaves out what stayed', () => {
    const now = [
      ['price', numbers(200, 1)],
      ['steady', Float64Array.from(numbers(200, 0), (value, row) => (row % 4 === 0 ? NaN : value))],
      ['kind', column(rows.map((row) => (row % 4 === 0 ? 'a' : 'b')))],
    ] as const
    const moved = columnsMoved(trusted, rows, now, rows)
    expect(moved.map(({ name }) => name).toSorted()).toEqual(['kind', 'price', 'steady'])
    expect(moved.find(({ name }) => name === 'kind')?.how).toBe('"b" in 50 % before, 75 % now')
    expect(moved.find(({ name }) => name === 'steady')?.how).toBe('missing in 0.0 % before, 25 % now')
    expect(columnsMoved(trusted, rows, trusted, rows)).toEqual([])
  })

  it('compares vectors exactly where there are enough of them', () => {
    const of = (mean: number) => ({ rows: 60, cols: 2, data: Float32Array.from(numbers(120, mean)) })
    const all = Array.from({ length: 60 }, (_, row) => row)
    expect(exactMmd(of(0), all, of(1), all)?.p).toBe(0.01)
    expect(exactMmd(of(0), all, of(0), all)?.p).toBeGreaterThan(0.01)
    expect(exactMmd(of(0), all, of(1), [1, 2, 3])).toBeNull()
  })
})
