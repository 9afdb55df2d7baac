import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import { concatenated } from '../../src/core/concatenated.ts'
import type { Codec } from '../../src/core/detector.ts'
import type { Fitted } from './trusted.ts'

const whole = z.int().min(0)
const header = z
  .strictObject({
    dims: whole,
    looks: z.array(z.strictObject({ name: z.enum(['content', 'length']), from: whole, dims: whole })),
    factors: z.array(whole),
    names: z.array(z.string().nullable()),
    few: z.array(z.strictObject({ name: z.string(), records: whole })),
    power: z.number().min(0).max(1),
  })
  .refine(({ looks, factors }) => looks.length === factors.length)
  .refine(({ looks, factors }) => factors.every((length, i) => length === 0 || length === (looks[i]?.dims ?? 0) ** 2))

export const fittedCodec: Codec<Fitted> = {
  encode: ({ dims, looks, factors, profiles, few, power }) =>
    pack({
      json: {
        dims,
        looks: looks.map((look) => ({ ...look })),
        factors: factors.map(({ length }) => length),
        names: profiles.map(({ name }) => name),
        few: few.map((source) => ({ ...source })),
        power,
      },
      arrays: {
        factors: concatenated(factors),
        records: Float64Array.from(profiles, ({ records }) => records),
        means: concatenated(profiles.map(({ mean }) => mean)),
        noise: Float64Array.from(profiles, ({ noise }) => noise),
      },
    }),
  decode(bytes) {
    const unpacked = unpack(bytes)
    const { factors: lengths, names, ...rest } = header.parse(unpacked.json)
    const cols = rest.looks.reduce((sum, look) => sum + look.dims, 0)
    const total = lengths.reduce((sum, length) => sum + length, 0)
    const all = arrayOf(unpacked, 'factors', 'Float64Array', total)
    const records = arrayOf(unpacked, 'records', 'Float64Array', names.length)
    const means = arrayOf(unpacked, 'means', 'Float64Array', names.length * cols)
    const noise = arrayOf(unpacked, 'noise', 'Float64Array', names.length)
    let at = 0
    return {
      ...rest,
      factors: lengths.map((length) => all.slice(at, (at += length))),
      profiles: names.map((name, i) => ({
        name,
        records: records[i] ?? 0,
        mean: means.slice(i * cols, (i + 1) * cols),
        noise: noise[i] ?? 0,
      })),
    }
  },
}
