import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/label-disagreement.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { auroc } from '../../../src/stats/auroc.ts'
import { referenceRows, synthetic } from '../../contract/synthetic.ts'

const reference = synthetic({ rows: referenceRows, seed: 1 })
const fitted = detector.fit(reference, detector.params.parse({}), 1)
const batch = synthetic({ rows: 600, seed: 2, flips: 0.1, novel: 0.05 })

function scores(of: Encoded, own = fitted): Float64Array {
  const [measured] = detector.measure(of, own, null).measurements
  if (measured?.kind !== 'scores') throw new Error('no scores')
  return measured.scores
}

const isFlipped = (row: number, of: Encoded) => {
  const vector = of.vectors.data.subarray(row * of.vectors.cols, row * of.vectors.cols + 3)
  return vector.indexOf(Math.max(...vector)) !== of.label[row]
}

describe('label-disagreement', () => {
  it('scores a record by -ln P(given label), and not at all where the label is missing or unknown', () => {
    const plain = scores(batch, { ...fitted, gaussians: null, probe: null })
    plain.forEach((score, row) => {
      const given = batch.label[row] ?? -1
      const p = batch.probabilities.data[row * 3 + given] ?? 0
      expect(score).toBe(given < 0 ? NaN : -Math.log(p))
    })
    expect(plain.some(Number.isNaN)).toBe(true)
  })

  it('makes nothing worse that neighbours agree with', () => {
    const plain = scores(batch, { ...fitted, gaussians: null, probe: null })
    scores(batch).forEach((score, row) => {
      const agreed = (batch.probabilities.data[row * 3 + (batch.label[row] ?? -1)] ?? 0) > 0.5
      expect(agreed ? Object.is(score, plain[row]) : !(score < (plain[row] ?? 0))).toBe(true)
    })
  })

  it('tells flipped records better with the distributions of labels than without', () => {
    const known = Array.from(batch.label.keys()).filter((row) => (batch.label[row] ?? -1) >= 0)
    const flipped = known.map((row) => isFlipped(row, batch))
    const of = (all: Float64Array) =>
      auroc(
        Float64Array.from(known, (row) => all[row] ?? 0),
        flipped,
      )
    expect(fitted.gaussians).not.toBeNull()
    expect(of(scores(batch))).toBeGreaterThan(of(scores(batch, { ...fitted, gaussians: null, probe: null })))
  })

  it('stays with neighbours where vectors tell nothing', () => {
    const { vectors } = reference
    const blank = { ...reference, vectors: { ...vectors, data: new Float32Array(vectors.data.length) } }
    expect(detector.fit(blank, detector.params.parse({}), 1).gaussians).toBeNull()
  })

  it('shows the worst record of a source with the trusted records next to it', () => {
    const { suspects, facts } = detector.explain({ kind: 'source', name: 'source 3' }, batch, fitted, null)
    const all = scores(batch)
    expect(suspects.length).toBeGreaterThan(0)
    const [worst = -1] = suspects
    for (const row of suspects) {
      expect(batch.records.source.values[batch.records.source.codes[row] ?? -1]).toBe('source 3')
      expect(all[row]).toBeLessThanOrEqual(all[worst] ?? 0)
    }
    const nearest = [...batch.nearest.subarray(worst * 10, worst * 10 + 10)]
    expect(facts['neighbours']).toEqual(nearest.map((row) => `1-${row}`))
    expect(facts['given']).toBe(batch.labels[batch.label[worst] ?? -1])
  })

  it('needs two labels', () => {
    const unlabelled = synthetic({ rows: 200, seed: 3, unlabelled: true })
    expect(() => detector.fit(unlabelled, detector.params.parse({}), 1)).toThrow(/no trusted record has a label/)
  })
})
