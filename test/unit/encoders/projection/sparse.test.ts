import { describe, expect, it } from 'vitest'
import { projectInto, sparseProjection } from '../../../../src/encoders/projection/sparse.ts'

const image = (of: ReturnType<typeof sparseProjection>, input: number, value = 1) => {
  const out = new Float64Array(of.dims)
  projectInto(of, input, value, out)
  return out
}
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

describe('sparseProjection', () => {
  const projection = sparseProjection(2000, 192, 7)

  it('keeps the length of every input exactly', () => {
    for (let input = 0; input < 2000; input++) {
      const out = image(projection, input, -3)
      expect(dot(out, out)).toBeCloseTo(9, 12)
      expect(out.filter((value) => value !== 0).length).toBe(16)
    }
  })

  it('keeps different inputs at right angles on average, within 1/√dims', () => {
    const images = Array.from({ length: 200 }, (_, input) => image(projection, input))
    const dots = images.flatMap((a, i) => images.slice(i + 1).map((b) => dot(a, b)))
    const mean = dots.reduce((sum, value) => sum + value, 0) / dots.length
    const variance = dots.reduce((sum, value) => sum + value * value, 0) / dots.length
    expect(Math.abs(mean)).toBeLessThan(0.005)
    expect(variance * 192).toBeGreaterThan(0.9)
    expect(variance * 192).toBeLessThan(1.1)
  })

  it('follows from its salt', () => {
    expect(sparseProjection(50, 8, 1)).toEqual(sparseProjection(50, 8, 1))
    expect(sparseProjection(50, 8, 1).targets).not.toEqual(sparseProjection(50, 8, 2).targets)
  })

  it('takes fewer dimensions than blocks', () => {
    const narrow = sparseProjection(10, 3, 1)
    expect(narrow.blocks).toBe(3)
    expect(dot(image(narrow, 4), image(narrow, 4))).toBeCloseTo(1, 12)
  })
})
