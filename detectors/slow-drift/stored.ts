import { z } from 'zod'
import { concatenated } from '../../src/core/concatenated.ts'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import { sourcePlaces } from '../../src/core/source-mix.ts'
import type { Anchor } from './anchor.ts'
import type { Fitted } from './trusted.ts'

const header = z.strictObject({
  horizon: z.int().min(1),
  dims: z.int().min(1),
  count: z.int().min(1),
  rest: z.number().min(0),
  names: z.array(z.string().nullable()),
})

export function packFitted({ axes, horizon, thresholds, anchors }: Fitted): Uint8Array {
  const { mean, deviations, rest } = axes
  return pack({
    json: { horizon, dims: mean.length, count: deviations.length, rest, names: anchors.map(({ name }) => name) },
    arrays: {
      mean,
      axes: axes.axes,
      deviations,
      thresholds,
      rows: Float64Array.from(anchors, ({ rows }) => rows),
      means: concatenated(anchors.map(({ means }) => means)),
      margins: concatenated(anchors.map(({ margins }) => margins)),
      variances: concatenated(anchors.map(({ variances }) => variances)),
      tails: concatenated(anchors.map(({ tails }) => tails)),
      effects: concatenated(anchors.map(({ effects }) => effects)),
      mix: concatenated(anchors.map(({ mix }) => mix)),
      bySource: concatenated(anchors.map(({ bySource }) => bySource)),
    },
  })
}

export function unpackFitted(bytes: Uint8Array): Fitted {
  const unpacked = unpack(bytes)
  const { horizon, dims, count, rest, names } = header.parse(unpacked.json)
  const array = (name: string, length?: number) => arrayOf(unpacked, name, 'Float64Array', length)
  const thresholds = array('thresholds')
  const rows = array('rows', names.length)
  const parts = {
    means: array('means', names.length * count),
    margins: array('margins', names.length * count),
    variances: array('variances', names.length * count),
    tails: array('tails', names.length * thresholds.length),
    effects: array('effects', names.length * (count + thresholds.length)),
    mix: array('mix', names.length * sourcePlaces),
    bySource: array('bySource', names.length * (count + thresholds.length)),
  }
  const part = (of: Float64Array, i: number) => {
    const width = of.length / names.length
    return of.slice(i * width, (i + 1) * width)
  }
  return {
    axes: {
      mean: array('mean', dims),
      axes: array('axes', count * dims),
      deviations: array('deviations', count),
      rest,
    },
    horizon,
    thresholds,
    anchors: names.map((name, i): Anchor => ({
      name,
      rows: rows[i] ?? 0,
      means: part(parts.means, i),
      margins: part(parts.margins, i),
      variances: part(parts.variances, i),
      tails: part(parts.tails, i),
      effects: part(parts.effects, i),
      mix: part(parts.mix, i),
      bySource: part(parts.bySource, i),
    })),
  }
}
