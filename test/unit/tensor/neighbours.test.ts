import { describe, expect, it } from 'vitest'
import { TasterError } from '../../../src/core/errors.ts'
import type { Matrix } from '../../../src/core/matrix.ts'
import { normal, random } from '../../../src/stats/random.ts'
import { liveTensors, startBackend } from '../../../src/tensor/backend.ts'
import { createNeighbours } from '../../../src/tensor/neighbours.ts'

const rowsOf = (...rows: number[][]): Matrix => ({
  rows: rows.length,
  cols: rows[0]?.length ?? 0,
  data: Float32Array.from(rows.flat()),
})

const reference = rowsOf([1, 0], [0, 5], [3, 3], [-2, 0])

describe('createNeighbours', () => {
  it('gives the nearest by angle, nearest first', async () => {
    const neighbours = await createNeighbours(reference, 3)
    const { indices, similarities } = await neighbours.search(rowsOf([10, 1], [-1e-30, 0]))
    expect([...indices]).toEqual([0, 2, 1, 3, 1, 2])
    const nearest = [10 / Math.sqrt(101), 11 / Math.sqrt(202), 1 / Math.sqrt(101), 1, 0, -Math.SQRT1_2]
    nearest.forEach((similarity, i) => expect(similarities[i]).toBeCloseTo(similarity, 5))
    neighbours.dispose()
  })

  it('gives ties to the lower row, and none where the reference is smaller than k', async () => {
    const neighbours = await createNeighbours(rowsOf([1, 1], [2, 2], [3, 3]), 5)
    const { indices, similarities } = await neighbours.search(rowsOf([1, 1]))
    expect([...indices]).toEqual([0, 1, 2, -1, -1])
    expect([...similarities.subarray(3)]).toEqual([0, 0])
    neighbours.dispose()
  })

  it('leaves out the row that a query must not get', async () => {
    const neighbours = await createNeighbours(reference, 4)
    const { indices } = await neighbours.search(reference, Int32Array.of(0, 1, -1, 99))
    const of = (row: number) => [...indices.subarray(row * 4, row * 4 + 4)]
    expect(of(0)).toEqual([2, 1, 3, -1])
    expect(of(1)).toEqual([2, 0, 3, -1])
    expect(of(2)[0]).toBe(2)
    expect(of(3)[0]).toBe(3)
    neighbours.dispose()
  })

  it('finds nothing similar to a zero vector, nor a zero vector similar to anything', async () => {
    const neighbours = await createNeighbours(rowsOf([0, 0], [1, 0]), 2)
    const zero = await neighbours.search(rowsOf([0, 0]))
    expect([...zero.similarities]).toEqual([0, 0])
    const other = await neighbours.search(rowsOf([-1, 0]))
    expect([...other.indices]).toEqual([0, 1])
    expect([...other.similarities]).toEqual([0, -1])
    neighbours.dispose()
  })

  it('selects among similarities of both signs and many ties as a full sort does', async () => {
    const uniform = random(8)
    // few directions, so that many rows are equally similar; the last query is dissimilar to all
    const drawn = (rows: number) => Float32Array.from({ length: rows * 3 }, () => Math.floor(uniform() * 3) - 1)
    const reference = { rows: 403, cols: 3, data: drawn(403).map((value, i) => (i % 3 === 0 ? 2 : value)) }
    const queries = { rows: 21, cols: 3, data: drawn(21) }
    queries.data.set([-1, 0, 0], 60)
    const neighbours = await createNeighbours(reference, 20)
    const { indices, similarities } = await neighbours.search(queries)
    const whole = await createNeighbours(reference, reference.rows)
    const all = await whole.search(queries)
    for (let row = 0; row < queries.rows; row++) {
      const cosine = new Map<number, number>()
      for (let i = row * 403; i < (row + 1) * 403; i++) cosine.set(all.indices[i] ?? -1, all.similarities[i] ?? 0)
      const sorted = [...cosine].toSorted(([a, x], [b, y]) => y - x || a - b).slice(0, 20)
      expect([...indices.subarray(row * 20, row * 20 + 20)]).toEqual(sorted.map(([index]) => index))
      expect([...similarities.subarray(row * 20, row * 20 + 20)]).toEqual(sorted.map(([, value]) => value))
    }
    neighbours.dispose()
    whole.dispose()
  })

  it('takes an empty reference and no queries', async () => {
    const empty = await createNeighbours({ rows: 0, cols: 0, data: new Float32Array(0) }, 2)
    expect([...(await empty.search({ rows: 1, cols: 0, data: new Float32Array(0) })).indices]).toEqual([-1, -1])
    const some = await createNeighbours(reference, 2)
    expect((await some.search({ rows: 0, cols: 2, data: new Float32Array(0) })).indices.length).toBe(0)
    some.dispose()
  })

  it('gives a query the same neighbours alone and among thousands', async () => {
    const uniform = random(4)
    const gaussian = (rows: number): Matrix => ({
      rows,
      cols: 20,
      data: Float32Array.from({ length: rows * 20 }, () => normal(uniform)),
    })
    const neighbours = await createNeighbours(gaussian(700), 10)
    const queries = gaussian(2001)
    const all = await neighbours.search(queries)
    for (const row of [0, 748, 749, 2000]) {
      const one = { rows: 1, cols: 20, data: queries.data.slice(row * 20, row * 20 + 20) }
      const alone = await neighbours.search(one)
      expect([...alone.indices]).toEqual([...all.indices.subarray(row * 10, row * 10 + 10)])
      expect([...alone.similarities]).toEqual([...all.similarities.subarray(row * 10, row * 10 + 10)])
    }
    neighbours.dispose()
  })

  it('refuses other dimensions, numbers that are not finite, and searches after the end', async () => {
    const neighbours = await createNeighbours(reference, 1)
    await expect(neighbours.search(rowsOf([1, 2, 3]))).rejects.toThrow('queries have 3 dimensions, the reference has 2')
    await expect(neighbours.search(rowsOf([1, NaN]))).rejects.toThrow('vector 0 is not finite')
    await expect(createNeighbours(rowsOf([Infinity]), 1)).rejects.toThrow(TasterError)
    neighbours.dispose()
    await expect(neighbours.search(reference)).rejects.toThrow(/disposed/)
  })

  it('holds one tensor, and none after it is disposed of', async () => {
    await startBackend()
    const before = liveTensors()
    const neighbours = await createNeighbours(reference, 2)
    for (let i = 0; i < 10; i++) await neighbours.search(reference)
    expect(liveTensors()).toBe(before + 1)
    neighbours.dispose()
    neighbours.dispose()
    expect(liveTensors()).toBe(before)
  })
})
