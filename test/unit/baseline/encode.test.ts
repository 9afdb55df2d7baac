import { describe, expect, it } from 'vitest'
import type { Encoding } from '../../../src/baseline/baseline.ts'
import { openEncoding } from '../../../src/baseline/encode.ts'
import type { Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import vector from '../../../src/encoders/vector.ts'
import { liveTensors } from '../../../src/tensor/backend.ts'
import { texts } from './gaussian-records.ts'

function vectors(cols: number, ...data: readonly number[]): Records {
  const rows = data.length / cols
  return {
    ...texts(...Array.from({ length: rows }, () => '')),
    content: { kind: 'vector', vectors: { rows, cols, data: Float32Array.from(data) } },
  }
}

/** Twenty-five reference rows of label a along x, three of label b along y; row i stands at 10 + i of the split. */
async function encoding(labels: readonly string[] = ['a', 'b']): Promise<Encoding> {
  const data = Array.from({ length: 28 }, (_, i) => (i < 25 ? [1, 0.01 * i] : [0.01 * i, 1])).flat()
  const reference = vectors(2, ...data)
  return {
    encoder: vector,
    fitted: await vector.fit(reference, vector.params.parse({}), 1),
    assets: new Map(),
    labels,
    reference: {
      vectors: { rows: 28, cols: 2, data: Float32Array.from(data) },
      label: Int32Array.from({ length: 28 }, (_, i) => (labels.length === 0 ? -1 : i < 25 ? 0 : 1)),
      row: Int32Array.from({ length: 28 }, (_, i) => i + 10),
    },
  }
}

describe('openEncoding', () => {
  it('votes by cosine among the twenty nearest, near ones more, smoothed, and names rows of the reference split', async () => {
    const open = await openEncoding(await encoding())
    const { probabilities, nearest, vectors: made } = await open.encode(vectors(2, 1, 0, 0, 2))
    expect(made.rows).toBe(2)
    expect(probabilities).toMatchObject({ rows: 2, cols: 2 })
    const [a = 0, b = 0] = probabilities.data
    expect(a + b).toBeCloseTo(1, 12)
    // twenty neighbours of label a with cosine 1/√(1 + (i/100)²), to the eighth power
    const weight = Array.from({ length: 20 }, (_, i) => (1 + (i / 100) ** 2) ** -4).reduce((x, y) => x + y, 0)
    expect(b).toBeCloseTo(0.01 / (weight + 0.02), 6)
    expect([...nearest.subarray(0, 3)]).toEqual([10, 11, 12])
    expect(nearest.subarray(20, 23).toSorted()).toEqual(Int32Array.of(35, 36, 37))
    open.close()
  })

  it('leaves a record out of its own neighbours', async () => {
    const open = await openEncoding(await encoding())
    const { nearest } = await open.encode(vectors(2, 1, 0), { exclude: Int32Array.of(0) })
    expect([...nearest]).not.toContain(10)
    open.close()
  })

  it('gives even odds to a vector of zeros, which is like nothing', async () => {
    const open = await openEncoding(await encoding())
    const { probabilities } = await open.encode(vectors(2, 0, 0))
    expect([...probabilities.data]).toEqual([0.5, 0.5])
    open.close()
  })

  it('has no probabilities without labels, and no index for labels that nobody trusted', async () => {
    const unlabelled = await openEncoding(await encoding([]))
    expect((await unlabelled.encode(vectors(2, 1, 0))).probabilities).toMatchObject({ rows: 1, cols: 0 })
    unlabelled.close()
    const open = await openEncoding(await encoding())
    const records = { ...vectors(2, 1, 0, 1, 0, 1, 0), label: column(['new', 'b', undefined]) }
    expect([...(await open.encode(records)).label]).toEqual([-1, 1, -1])
    open.close()
  })

  it('takes an empty batch', async () => {
    const open = await openEncoding(await encoding())
    const { vectors: made, nearest } = await open.encode(vectors(2))
    expect([made.rows, nearest.length]).toEqual([0, 0])
    open.close()
  })

  it('refuses content of another kind', async () => {
    const open = await openEncoding(await encoding())
    await expect(open.encode(texts('x'))).rejects.toMatchObject({ code: 'VALUE_WRONG_SHAPE' })
    open.close()
  })

  it('gives back all that it held on the device', async () => {
    const before = liveTensors()
    const open = await openEncoding(await encoding())
    await open.encode(vectors(2, 1, 0))
    open.close()
    expect(liveTensors()).toBe(before)
  })
})
