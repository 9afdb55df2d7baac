import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import type { Fitted } from './trusted.ts'

const positive = z.int().min(1)
const header = z.strictObject({
  shape: z.strictObject({ height: positive, width: positive, channels: positive }),
  side: positive,
  seed: z.number(),
  dims: positive,
  heldOut: z.array(z.int().min(0)),
})

export const fittedCodec: Codec<Fitted> = {
  encode: ({ shape, side, seed, mean, whitening, groups }) =>
    pack({
      json: { shape, side, seed, dims: whitening.cols, heldOut: groups.map(({ heldOut }) => heldOut.rows) },
      arrays: {
        mean,
        whitening: whitening.data,
        centres: joined(groups.map(({ centre }) => centre)),
        heldOut: joined(groups.map(({ heldOut }) => heldOut.data)),
        thresholds: Float64Array.from(groups, ({ threshold }) => threshold),
      },
    }),
  decode(bytes) {
    const unpacked = unpack(bytes)
    const { shape, side, seed, dims, heldOut: counts } = header.parse(unpacked.json)
    const size = Math.min(shape.height, side) * Math.min(shape.width, side)
    const mean = arrayOf(unpacked, 'mean', 'Float64Array', size)
    const data = arrayOf(unpacked, 'whitening', 'Float32Array', size * dims)
    const centres = arrayOf(unpacked, 'centres', 'Float32Array', counts.length * dims)
    const total = counts.reduce((sum, rows) => sum + rows, 0)
    const held = arrayOf(unpacked, 'heldOut', 'Float32Array', total * dims)
    const thresholds = arrayOf(unpacked, 'thresholds', 'Float64Array', counts.length)
    let at = 0
    const groups = counts.map((rows, group) => ({
      centre: centres.slice(group * dims, (group + 1) * dims),
      heldOut: { rows, cols: dims, data: held.slice(at * dims, (at += rows) * dims) },
      threshold: thresholds[group] ?? 0,
    }))
    return { shape, side, seed, mean, whitening: { rows: size, cols: dims, data }, groups }
  },
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
