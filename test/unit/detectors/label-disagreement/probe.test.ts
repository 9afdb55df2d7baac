import { describe, expect, it } from 'vitest'
import { gaussiansOf, logOdds, temperOf } from '../../../../detectors/label-disagreement/gaussians.ts'
import { probable, probeOf, surprise } from '../../../../detectors/label-disagreement/probe.ts'
import { normal, random } from '../../../../src/stats/random.ts'

const dims = 20
const rows = 300
const uniform = random(5)
const label = Int32Array.from({ length: rows }, (_, row) => row % 3)
const data = Float32Array.from({ length: rows * dims }, (_, i) => {
  const [row, j] = [Math.floor(i / dims), i % dims]
  return normal(uniform) * (1 + j) + (j === row % 3 ? 2 * (1 + j) : 0)
})
const vectors = { rows, cols: dims, data }
const gaussians = gaussiansOf(vectors, label, 4, true)
if (gaussians === null) throw new Error('the vectors have spread')
const probe = probeOf(gaussians)
const vectorOf = (row: number) => data.subarray(row * dims, (row + 1) * dims)

describe('the linear probe', () => {
  it('is the ratio of the densities that it was made of', () => {
    for (let row = 0; row < 20; row++) {
      const odds = surprise(probe, vectorOf(row), 0) - surprise(probe, vectorOf(row), 1)
      expect(odds).toBeCloseTo(logOdds(gaussians, vectorOf(row), 1, 0), 8)
    }
  })

  it('gives probabilities', () => {
    const total = [0, 1, 2].reduce((sum, given) => sum + Math.exp(-surprise(probe, vectorOf(7), given)), 0)
    expect(total).toBeCloseTo(1, 12)
  })

  it('tells most labels, and never one that no trusted record has', () => {
    const told = Array.from(label, (_, row) => probable(probe, vectorOf(row)))
    expect(told.filter((found, row) => found === label[row]).length).toBeGreaterThan(0.8 * rows)
    expect(told).not.toContain(3)
  })

  it('is tempered as the densities are', () => {
    expect([temperOf(8), temperOf(16), temperOf(64)]).toEqual([1, 1, 4])
  })
})
