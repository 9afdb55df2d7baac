import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/source-fingerprint.ts'
import { column, valueAt } from '../../../src/core/column.ts'
import { selectEncoded, type Encoded } from '../../../src/core/encoded.ts'
import { synthetic } from '../../contract/synthetic.ts'

const fit = (reference: Encoded) => detector.fit(reference, detector.params.parse({}), 1)
const reference = synthetic({ rows: 1500, seed: 1 }) // of ten sources, every other one writes in a style of its own
const fitted = fit(reference)

/** Records that `from` sent, under the name of `as`. */
function sent(from: string, as: string, rows: number, seed: number): Encoded {
  const all = synthetic({ rows: 40 * rows, seed })
  const own = Array.from(all.label.keys()).filter((row) => valueAt(all.records.source, row) === from)
  const batch = selectEncoded(all, own.slice(0, rows))
  return { ...batch, records: { ...batch.records, source: column(batch.records.id.map(() => as)) } }
}
const evidence = (batch: Encoded, memory = detector.memory.empty()) => {
  const measured = detector.measure(batch, fitted, memory)
  return {
    ...measured,
    logE: measured.measurements.flatMap((each) => (each.kind === 'increment' ? [...each.logE] : [])),
  }
}

describe('source-fingerprint', () => {
  it('takes records of another style for somebody else’s, and names whose', () => {
    const batch = sent('source 3', 'source 2', 30, 5)
    const { logE, memory } = evidence(batch)
    expect(logE).toEqual([Math.log(40)])
    const told = detector.explain({ kind: 'source', name: 'source 2' }, batch, fitted, memory)
    expect(told.summary).toContain('under the name of source "source 2" are not like its own')
    expect(['source 1', 'source 3', 'source 5', 'source 7', 'source 9']).toContain(told.facts['nearest'])
    expect(told.suspects).toHaveLength(20)
  })

  it('has nothing against a source that is itself, or that changes in a way of its own', () => {
    expect(evidence(sent('source 2', 'source 2', 30, 6)).logE[0]).toBeLessThan(-2)
    const changed = sent('source 2', 'source 2', 30, 7)
    const data = changed.vectors.data.map((x, i) => (i % 8 === 6 ? x + 4 : x))
    expect(evidence({ ...changed, vectors: { ...changed.vectors, data } }).logE[0]).toBeLessThan(-2)
  })

  it('gathers fifteen records of a source before it says anything', () => {
    const { measurements, memory } = evidence(sent('source 3', 'source 2', 14, 8))
    expect(measurements).toEqual([
      { kind: 'insufficient', subject: { kind: 'source', name: 'source 2' }, records: 14, needed: 15 },
    ])
    expect(evidence(sent('source 3', 'source 2', 1, 9), memory).logE).toEqual([Math.log(40)])
  })

  it('says which trusted sources it knows too little of', () => {
    const rows = Array.from(reference.label.keys())
    const few = rows.filter((row, i) => valueAt(reference.records.source, row) !== 'source 4' || i % 10 === 0)
    const own = fit(selectEncoded(reference, few))
    const { measurements } = detector.measure(sent('source 4', 'source 4', 20, 10), own, detector.memory.empty())
    const [only] = measurements
    expect(only).toMatchObject({ kind: 'insufficient', subject: { kind: 'source', name: 'source 4' }, needed: 60 })
    expect(measurements).toHaveLength(1)
  })

  it('has nothing to say where no two sources differ', () => {
    const alike = { ...reference.records, source: column(reference.records.id.map((_, row) => `s${row % 7}`)) }
    const level = reference.vectors.data.map((x, i) => (i % 8 === 7 ? 0 : x))
    const same = { ...reference, records: alike, vectors: { ...reference.vectors, data: level } }
    const fitted = fit(same)
    expect(fitted.profiles).toEqual([])
    expect(detector.measure(same, fitted, detector.memory.empty()).measurements).toEqual([])
  })
})
