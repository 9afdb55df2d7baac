import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Matrix } from '../../../src/core/matrix.ts'
import { liveTensors, startBackend, type BackendName } from '../../../src/tensor/backend.ts'
import { matMul } from '../../../src/tensor/mat-mul.ts'
import { createNeighbours } from '../../../src/tensor/neighbours.ts'

/** Columns on scales from 10⁻⁶ to 10⁶, and exact zeros among them. */
function matrix(rows: number, cols: number): fc.Arbitrary<Matrix> {
  const entry = fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(0) },
  )
  return fc
    .tuple(
      fc.array(entry, { minLength: rows * cols, maxLength: rows * cols }),
      fc.array(fc.integer({ min: -6, max: 6 }), { minLength: cols, maxLength: cols }),
    )
    .map(([entries, powers]) => ({
      rows,
      cols,
      data: Float32Array.from(entries, (value, i) => value * 10 ** (powers[i % cols] ?? 0)),
    }))
}

const size = fc.integer({ min: 1, max: 24 })
const pair = fc.tuple(size, size, size).chain(([m, n, p]) => fc.tuple(matrix(m, n), matrix(n, p)))
const search = fc
  .tuple(size, size, size, fc.integer({ min: 1, max: 12 }))
  .chain(([m, n, cols, k]) => fc.tuple(matrix(m, cols), matrix(n, cols), fc.constant(k)))

/** Rounding of a float32 sum of products is relative to the sum of their sizes: that is the scale of the tolerance. */
const tolerance = 1e-4

function dot(a: Matrix, row: number, b: Matrix, at: (i: number) => number): { value: number; scale: number } {
  let value = 0
  let scale = 0
  for (let i = 0; i < a.cols; i++) {
    const term = (a.data[row * a.cols + i] ?? 0) * (b.data[at(i)] ?? 0)
    value += term
    scale += Math.abs(term)
  }
  return { value, scale }
}

const lengthOf = (of: Matrix, row: number) => Math.hypot(...of.data.subarray(row * of.cols, (row + 1) * of.cols))

function cosine(a: Matrix, row: number, b: Matrix, other: number): number {
  const lengths = lengthOf(a, row) * lengthOf(b, other)
  return lengths === 0 ? 0 : dot(a, row, b, (i) => other * b.cols + i).value / lengths
}

/** The device's results against plain float64, on one backend: a process has only one. */
export function describeProducts(backend: BackendName): void {
  describe(`products on ${backend}`, () => {
    it('runs the backend it is meant to test', async () => {
      expect((await startBackend(backend)).name).toBe(backend)
    })

    it('matMul is the float64 product', async () => {
      await fc.assert(
        fc.asyncProperty(pair, async ([a, b]) => {
          const product = await matMul(a, b)
          for (let row = 0; row < a.rows; row++) {
            for (let col = 0; col < b.cols; col++) {
              const { value, scale } = dot(a, row, b, (i) => i * b.cols + col)
              const error = Math.abs((product.data[row * b.cols + col] ?? NaN) - value)
              expect(error).toBeLessThanOrEqual(tolerance * scale + 1e-37)
            }
          }
        }),
        { seed: 1, numRuns: 200 },
      )
    })

    it('neighbours are the k largest cosines, in order', async () => {
      await fc.assert(
        fc.asyncProperty(search, fc.boolean(), async ([queries, reference, k], leaveOut) => {
          const neighbours = await createNeighbours(reference, k)
          const exclude = Int32Array.from({ length: queries.rows }, (_, i) => (leaveOut ? i % reference.rows : -1))
          const { indices, similarities } = await neighbours.search(queries, exclude)
          neighbours.dispose()
          for (let row = 0; row < queries.rows; row++) {
            const exact = Array.from({ length: reference.rows }, (_, other) => cosine(queries, row, reference, other))
            const allowed = exact.filter((_, other) => other !== exclude[row]).toSorted((a, b) => b - a)
            const found = [...indices.subarray(row * k, (row + 1) * k)]
            const real = found.filter((index) => index >= 0)
            expect(real.length).toBe(Math.min(k, allowed.length))
            expect(found.slice(real.length).every((index) => index === -1)).toBe(true)
            expect(new Set(real).size).toBe(real.length)
            expect(real).not.toContain(exclude[row] === -1 ? -2 : exclude[row])
            real.forEach((index, place) => {
              const similarity = similarities[row * k + place] ?? NaN
              expect(Math.abs(similarity - (exact[index] ?? NaN))).toBeLessThanOrEqual(tolerance)
              expect(Math.abs(similarity - (allowed[place] ?? NaN))).toBeLessThanOrEqual(tolerance)
            })
          }
        }),
        { seed: 2, numRuns: 200 },
      )
    })

    it('nothing is left on the device', () => {
      expect(liveTensors()).toBe(0)
    })
  })
}
