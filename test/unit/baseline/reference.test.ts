import { describe, expect, it } from 'vitest'
import { neighbourhoodOf } from '../../../src/baseline/reference.ts'

const vectors = { rows: 5, cols: 1, data: Float32Array.of(1, 1, 1, 4, 5) }

describe('neighbourhoodOf', () => {
  it('keeps one record of each content, with the label that most of its copies have', () => {
    const split = { vectors, group: Int32Array.of(0, 0, 0, 1, 2), label: Int32Array.of(1, 0, 0, 1, 1) }
    const { reference, self } = neighbourhoodOf(split, true, 1)
    expect([...reference.row]).toEqual([1, 3, 4])
    expect([...reference.label]).toEqual([0, 1, 1])
    expect([...reference.vectors.data]).toEqual([1, 4, 5])
    expect([...self]).toEqual([0, 0, 0, 1, 2])
  })

  it('keeps records without a label only where no record has one', () => {
    const split = { vectors, group: Int32Array.of(0, 1, 2, 3, 4), label: Int32Array.of(-1, 0, -1, 0, 1) }
    expect([...neighbourhoodOf(split, true, 1).reference.row]).toEqual([1, 3, 4])
    expect([...neighbourhoodOf(split, true, 1).self]).toEqual([-1, 0, -1, 1, 2])
    expect(neighbourhoodOf({ ...split, label: new Int32Array(5).fill(-1) }, false, 1).reference.row).toHaveLength(5)
  })

  it('thins a large reference, the same way for the same seed', () => {
    const n = 20_500
    const many = {
      vectors: { rows: n, cols: 1, data: new Float32Array(n) },
      group: Int32Array.from({ length: n }, (_, i) => i),
      label: new Int32Array(n),
    }
    const { reference, self } = neighbourhoodOf(many, true, 1)
    expect(reference.row).toHaveLength(20_000)
    expect(self.filter((row) => row < 0)).toHaveLength(500)
    expect(neighbourhoodOf(many, true, 1).reference.row).toEqual(reference.row)
  })
})
