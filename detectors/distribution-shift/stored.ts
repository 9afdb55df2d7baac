import { z } from 'zod'
import { concatenated } from '../../src/core/concatenated.ts'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import { sourcePlaces } from '../../src/core/source-mix.ts'
import type { Anchor } from './anchor.ts'
import { sampleArrays, sampleJson, unpackedSample } from './sample.ts'
import type { Fitted } from './trusted.ts'

const header = z.strictObject({
  horizon: z.int().min(1),
  dims: z.int().min(1),
  width: z.int().min(1),
  draws: z.int().min(1),
  anchors: z.array(
    z.strictObject({
      kind: z.enum(['stream', 'label', 'source']),
      name: z.string(),
      rows: z.int().min(1),
      noise: z.number().gt(0),
      bySource: z.number().min(0),
      wander: z.array(z.strictObject({ size: z.number().gt(0), variance: z.number().min(0) })),
    }),
  ),
  sample: z.unknown(),
})

export function packFitted({ map, centre, lower, horizon, anchors, sample }: Fitted): Uint8Array {
  return pack({
    json: {
      horizon,
      dims: map.mean.length,
      width: centre.length,
      draws: anchors[0]?.null.length ?? 1,
      anchors: anchors.map(({ kind, name, rows, noise, bySource, wander }) => ({
        kind,
        name,
        rows,
        noise,
        bySource,
        wander,
      })),
      sample: sampleJson(sample),
    },
    arrays: new Map([
      ['mean', map.mean],
      ['axes', map.axes],
      ['frequencies', map.frequencies],
      ['centre', centre],
      ['lower', lower],
      ['means', concatenated(anchors.map(({ mean }) => mean))],
      ['nulls', concatenated(anchors.map((anchor) => anchor.null))],
      ['mixes', concatenated(anchors.map(({ mix }) => mix))],
      ...sampleArrays(sample),
    ]),
  })
}

export function unpackFitted(bytes: Uint8Array): Fitted {
  const unpacked = unpack(bytes)
  const { horizon, dims, width, draws, anchors, sample } = header.parse(unpacked.json)
  const means = arrayOf(unpacked, 'means', 'Float64Array', anchors.length * width)
  const nulls = arrayOf(unpacked, 'nulls', 'Float64Array', anchors.length * draws)
  const mixes = arrayOf(unpacked, 'mixes', 'Float64Array', anchors.length * sourcePlaces)
  const axes = arrayOf(unpacked, 'axes', 'Float64Array')
  return {
    map: {
      mean: arrayOf(unpacked, 'mean', 'Float64Array', dims),
      axes,
      frequencies: arrayOf(unpacked, 'frequencies', 'Float64Array', ((axes.length / dims) * width) / 2),
    },
    centre: arrayOf(unpacked, 'centre', 'Float64Array', width),
    lower: arrayOf(unpacked, 'lower', 'Float64Array', width * width),
    horizon,
    anchors: anchors.map((each, i): Anchor => ({
      ...each,
      mean: means.slice(i * width, (i + 1) * width),
      null: nulls.slice(i * draws, (i + 1) * draws),
      mix: mixes.slice(i * sourcePlaces, (i + 1) * sourcePlaces),
    })),
    sample: unpackedSample(unpacked, sample),
  }
}
