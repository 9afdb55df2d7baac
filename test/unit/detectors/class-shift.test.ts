import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/class-shift.ts'
import { selectEncoded, type Encoded } from '../../../src/core/encoded.ts'
import { covariance } from '../../../src/stats/covariance.ts'
import { synthetic } from '../../contract/synthetic.ts'

const reference = synthetic({ rows: 1500, seed: 1 })
const fitted = detector.fit(reference, detector.params.parse({}), 1)
const batch = synthetic({ rows: 900, seed: 2 })

const rowsLabelled = (of: Encoded, label: number) =>
  Array.from(of.label, (_, row) => row).filter((row) => of.label[row] === label)
const only = (of: Encoded, label: number, first: number, last: number) =>
  selectEncoded(of, rowsLabelled(of, label).slice(first, last))
const measure = (of: Encoded, memory = detector.memory.empty()) => detector.measure(of, fitted, memory)
/** The records of one label that are labelled as another. */
const relabelled = (of: Encoded, label: number): Encoded => ({ ...of, label: of.label.map(() => label) })

/** n (x̄ − μ)ᵀ A⁻¹ (x̄ − μ) with A = .9 S + .1 trace(S)/d I, by Gauss-Jordan: another way than Cholesky factors. */
function hotelling(of: Encoded, label: number): number {
  const trusted = selectEncoded(reference, rowsLabelled(reference, label)).vectors
  const { mean, covariance: s } = covariance(trusted)
  const d = mean.length
  const trace = mean.reduce((sum, _, i) => sum + (s[i * d + i] ?? 0), 0)
  const rows = Array.from({ length: d }, (_, i) => {
    const centre = covariance(of.vectors).mean
    const a = Array.from({ length: d }, (__, j) => 0.9 * (s[i * d + j] ?? 0) + (i === j ? (0.1 * trace) / d : 0))
    return [...a, (centre[i] ?? 0) - (mean[i] ?? 0)]
  })
  const difference = rows.map((row) => row[d] ?? 0)
  for (let i = 0; i < d; i++) {
    const pivot = rows[i]?.[i] ?? 1
    for (let k = 0; k <= d; k++) (rows[i] ?? [])[k] = (rows[i]?.[k] ?? 0) / pivot
    for (let j = 0; j < d; j++) {
      const factor = rows[j]?.[i] ?? 0
      if (j !== i) for (let k = 0; k <= d; k++) (rows[j] ?? [])[k] = (rows[j]?.[k] ?? 0) - factor * (rows[i]?.[k] ?? 0)
    }
  }
  return of.label.length * difference.reduce((sum, value, i) => sum + value * (rows[i]?.[d] ?? 0), 0)
}

describe('class-shift', () => {
  it.each([50, 100])('measures Hotelling’s T² of %d records of a label', (size) => {
    const { measurements } = measure(only(batch, 1, 0, size))
    expect(measurements).toHaveLength(1)
    expect(measurements[0]).toMatchObject({
      kind: 'statistic',
      subject: { kind: 'label', name: 'news' },
      records: size,
    })
    expect(measurements[0]).toHaveProperty('value', expect.closeTo(hotelling(only(batch, 1, 0, size), 1), 8))
  })

  it('waits until a label has 50 records, whatever the batches they come in', () => {
    const first = measure(only(batch, 0, 0, 30))
    expect(first.measurements).toEqual([
      { kind: 'insufficient', subject: { kind: 'label', name: 'ham' }, records: 30, needed: 50 },
    ])
    const second = measure(only(batch, 0, 30, 50), first.memory)
    expect(second.measurements[0]).toHaveProperty('value', expect.closeTo(hotelling(only(batch, 0, 0, 50), 0), 8))
    expect(measure(only(batch, 0, 50, 60), second.memory).measurements[0]).toMatchObject({ records: 10, needed: 50 })
  })

  it('takes the average over blocks where records fill more than one', () => {
    const rows = [0, 1, 2, 3].map((block) => only(batch, 2, block * 50, block * 50 + 50))
    const values = rows.map((block) => hotelling(block, 2))
    const average = values.reduce((sum, value) => sum + value, 0) / values.length
    const { measurements } = measure(only(batch, 2, 0, 190))
    // 190 records are tested as blocks of 100; the average over four blocks of 50 spreads by about 1
    expect(measurements[0]).toMatchObject({ kind: 'statistic', records: 100 })
    expect(measurements[0]).toHaveProperty('value', expect.closeTo(average, -1))
  })

  it('grows where records of another label come under this one, and says which', () => {
    const clean = only(batch, 0, 0, 100)
    const flips = relabelled(only(batch, 2, 0, 30), 0)
    const mixed = join(clean, flips)
    const [before] = measure(clean).measurements
    const [after] = measure(mixed).measurements
    expect(before?.kind === 'statistic' && after?.kind === 'statistic' && after.value > 2 * before.value).toBe(true)
    const explanation = detector.explain({ kind: 'label', name: 'ham' }, mixed, fitted, detector.memory.empty())
    expect(explanation.facts['towards']).toBe('spam')
    expect(explanation.suspects.slice(0, 9).every((row) => row >= 100)).toBe(true)
  })

  it('tells a label with too few trusted records that it is not tested', () => {
    const few = selectEncoded(reference, [...rowsLabelled(reference, 0), ...rowsLabelled(reference, 1).slice(0, 100)])
    const own = detector.fit(few, detector.params.parse({}), 1)
    const { measurements } = detector.measure(only(batch, 1, 0, 60), own, detector.memory.empty())
    expect(measurements).toEqual([
      { kind: 'insufficient', subject: { kind: 'label', name: 'news' }, records: 100, needed: 134 },
    ])
  })

  it('cannot learn from records that are all equal', () => {
    const constant = synthetic({ rows: 500, seed: 3, constant: true })
    expect(() => detector.fit(constant, detector.params.parse({}), 1)).toThrow(/not all equal/)
  })
})

function join(a: Encoded, b: Encoded): Encoded {
  const rows = a.label.length + b.label.length
  const { cols } = a.vectors
  const data = new Float32Array(rows * cols)
  data.set(a.vectors.data)
  data.set(b.vectors.data, a.vectors.data.length)
  const both = selectEncoded(
    a,
    [...a.label.keys(), ...b.label.keys()].map((row) => row % a.label.length),
  )
  return { ...both, vectors: { rows, cols, data }, label: Int32Array.from([...a.label, ...b.label]) }
}
