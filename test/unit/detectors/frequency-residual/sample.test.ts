import { describe, expect, it } from 'vitest'
import { added, emptySample, keyOf, refreshed, type Kept } from '../../../../detectors/frequency-residual/sample.ts'

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
    const at = added(emptySample, all, 50)
    const inTwo = added(added(emptySample, all.slice(200), 50), all.slice(0, 200), 50)
    expect(at.kept.length).toBe(50)
    expect(inTwo.kept).toEqual(at.kept)
  })

  it('holds mostly what came last', () => {
    const sample = added(
      emptySample,
      hashes.map((hash, i) => kept(hash, 25 * i)),
      50,
    )
    const late = new Set(hashes.slice(300))
    expect(sample.kept.filter(({ hash }) => late.has(hash)).length).toBeGreaterThan(35)
  })

  it('counts copies once', () => {
    const copies = Array.from({ length: 30 }, (_, i) => kept(7, i))
    expect(added(emptySample, copies, 50).kept).toEqual([kept(7, 29)])
  })

  it('looks for what is common again when an eighth of it is new', () => {
    const some = hashes.slice(0, 40).map((hash) => kept(hash, 0))
    const first = refreshed(added(emptySample, some, 50), heldOut)
    expect(first).toMatchObject({ fresh: 0, scoring: { spectrum: { directions: { cols: 2 } } } })
    const four = hashes.slice(40, 44).map((hash) => kept(hash, 0))
    expect(refreshed(added(first, four, 50), heldOut).scoring).toBe(first.scoring)
    const ten = hashes.slice(40, 50).map((hash) => kept(hash, 0))
    expect(refreshed(added(first, ten, 50), heldOut).scoring).not.toBe(first.scoring)
    expect(refreshed(emptySample, heldOut)).toBe(emptySample)
  })
})
