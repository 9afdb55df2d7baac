import { describe, expect, it } from 'vitest'
import { jittered, smoothWarp, warpImage } from '../../../datasets/warp.ts'
import { random } from '../../../src/stats/random.ts'

const shape = { height: 12, width: 9, channels: 2 }
const size = shape.height * shape.width
const still = {
  down: Float64Array.from({ length: size }, (_, i) => Math.floor(i / shape.width)),
  across: Float64Array.from({ length: size }, (_, i) => i % shape.width),
}
const image = () => Uint8Array.from({ length: size * shape.channels }, (_, i) => (i * 37) % 251)

describe('a warp', () => {
  it('that moves nothing leaves an image as it is', () => {
    const copy = image()
    warpImage(copy, shape, still)
    expect(copy).toEqual(image())
  })

  it('takes pixels from between two others, and none from beyond the edge', () => {
    const copy = image()
    warpImage(copy, shape, { ...still, across: still.across.map((x) => x + 0.5) })
    const before = image()
    expect(copy[0]).toBe(Math.round(((before[0] ?? 0) + (before[2] ?? 0)) / 2))
    const last = (shape.width - 1) * shape.channels
    expect(copy[last]).toBe(before[last])
  })

  it('is smooth, and moves pixels by a quarter of one where its strength is a half', () => {
    const warp = smoothWarp(shape, 4, 0.5, random(3))
    const moved = warp.down.map((y, i) => y - (still.down[i] ?? 0))
    const mean = moved.reduce((sum, way) => sum + Math.abs(way), 0) / size
    expect(mean).toBeGreaterThan(0.05)
    expect(mean).toBeLessThan(0.5)
    const steps = moved.map((way, i) => (i % shape.width === 0 ? 0 : Math.abs(way - (moved[i - 1] ?? 0))))
    expect(Math.max(...steps)).toBeLessThan(0.3)
  })

  it('is shaken by at most half a pixel', () => {
    const shaken = jittered(still, random(4))
    const moved = shaken.across.map((x, i) => Math.abs(x - (still.across[i] ?? 0)))
    expect(Math.max(...moved)).toBeLessThanOrEqual(0.5)
    expect(new Set(moved).size).toBeGreaterThan(size / 2)
  })
})
