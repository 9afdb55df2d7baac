import { describe, expect, it } from 'vitest'
import {
  emptySample,
  grown,
  keyOf,
  largest,
  partCount,
  type Kept,
} from '../../../../detectors/frequency-residual/sample.ts'

const kept = (hash: number, clock: number): Kept => ({
  key: keyOf(hash, clock, 1000),
  hash,
  direction: Int8Array.of(127, hash % 100),
})
const hashes = Array.from({ length: 400 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0)
const heldOut = { rows: 4, cols: 2, data: Float32Array.of(1, 0, 0, 1, -1, 0, 0, -2) }

describe('a sample of what stood out', () => {
  it('keeps those with the largest keys, in whatever order they come', () => {
    const all = hashes.map((hash) => kept(hash, 0))
    const at = largest([], all, 50)
    expect(at.length).toBe(50)
    expect(largest(largest([], all.slice(200), 50), all.slice(0, 200), 50)).toEqual(at)
  })

  it('holds mostly what came last', () => {
    const sample = largest(
      [],
      hashes.map((hash, i) => kept(hash, 25 * i)),
      50,
    )
    const late = new Set(hashes.slice(300))
    expect(sample.filter(({ hash }) => late.has(hash)).length).toBeGreaterThan(35)
  })

  it('counts copies once', () => {
    const copies = Array.from({ length: 30 }, (_, i) => kept(7, i))
    expect(largest([], copies, 50)).toEqual([kept(7, 29)])
  })

  it('looks for what the other parts share again when an eighth of it is new', () => {
    const some = (from: number, to: number) => [hashes.slice(from, to).map((hash) => kept(hash, 0))]
    const none = Array.from({ length: partCount }, () => emptySample)
    const first = grown(none, some(0, 40), 50, heldOut)
    expect(first.map(({ kept: own }) => own.length)).toEqual([40, 0, 0, 0])
    expect(first.map(({ scoring }) => scoring !== null)).toEqual([false, true, true, true])
    expect(grown(first, some(40, 44), 50, heldOut)[1]?.scoring).toBe(first[1]?.scoring)
    expect(grown(first, some(40, 50), 50, heldOut)[1]?.scoring).not.toBe(first[1]?.scoring)
  })
})
