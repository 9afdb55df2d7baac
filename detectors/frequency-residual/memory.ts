import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import { concatenated } from '../../src/core/concatenated.ts'
import type { Codec } from '../../src/core/detector.ts'
import { emptySample, largest, partCount, type Kept, type Sample, type Scoring } from './sample.ts'

/** Per label a sample of each part: images of one part are judged by what those of the others have in common. */
export interface Memory {
  readonly dims: number // 0: nothing seen
  readonly clocks: readonly number[] // records seen, by label
  readonly samples: readonly Sample[] // labels × parts
}

export const empty: Memory = { dims: 0, clocks: [], samples: [] }
const mostKept = 48 // of a sample
const mostKeptOfAll = 2 ** 15

/** How many images a sample holds: fewer where there are many labels. */
export function capacityOf(labels: number): number {
  return Math.max(4, Math.min(mostKept, Math.floor(mostKeptOfAll / (partCount * labels))))
}

/** A memory for so many labels and dimensions: the given one where it is, else an empty one. */
export function fitting(memory: Memory, labels: number, dims: number): Memory {
  if (memory.dims === dims && memory.clocks.length === labels) return memory
  return {
    dims,
    clocks: Array.from({ length: labels }, () => 0),
    samples: Array.from({ length: partCount * labels }, () => emptySample),
  }
}

/** What is common is found anew in the samples of both. */
export function merged(a: Memory, b: Memory): Memory {
  if (a.dims === 0) return b
  if (b.dims === 0) return a
  return {
    dims: a.dims,
    clocks: a.clocks.map((clock, label) => clock + (b.clocks[label] ?? 0)),
    samples: a.samples.map((sample, i) => ({
      kept: largest(sample.kept, b.samples[i]?.kept ?? [], capacityOf(a.clocks.length)),
      fresh: 0,
      scoring: null,
    })),
  }
}

const numbersEach = 6 // of a scoring: mean, deviation, and threshold and bound of two tails
const count = z.int().min(0)
const header = z.strictObject({
  dims: count,
  clocks: z.array(count),
  samples: z.array(z.strictObject({ kept: count, fresh: count, found: count.nullable() })),
})

export const memoryCodec: Codec<Memory> = {
  encode({ dims, clocks, samples }) {
    const kept = samples.flatMap((sample) => sample.kept)
    const scorings = samples.flatMap(({ scoring }) => scoring ?? [])
    return pack({
      json: {
        dims,
        clocks,
        samples: samples.map((sample) => ({
          kept: sample.kept.length,
          fresh: sample.fresh,
          found: sample.scoring?.spectrum.values.length ?? null,
        })),
      },
      arrays: {
        keys: Float64Array.from(kept, ({ key }) => key),
        hashes: Uint32Array.from(kept, ({ hash }) => hash),
        directions: joined(kept, dims),
        values: concatenated(scorings.map(({ spectrum }) => spectrum.values)),
        common: Float32Array.from(scorings.flatMap(({ spectrum }) => [...spectrum.directions.data])),
        clean: Float64Array.from(
          scorings.flatMap(({ mean, deviation, tails }) => [
            mean,
            deviation,
            ...tails.flatMap((t) => [t.threshold, t.bound]),
          ]),
        ),
      },
    })
  },
  decode(bytes) {
    const unpacked = unpack(bytes)
    const { dims, clocks, samples } = header
      .refine((value) => value.samples.length === partCount * value.clocks.length)
      .parse(unpacked.json)
    const total = samples.reduce((sum, { kept }) => sum + kept, 0)
    const scored = samples.filter(({ found }) => found !== null)
    const pairs = scored.reduce((sum, { found }) => sum + (found ?? 0), 0)
    const keys = arrayOf(unpacked, 'keys', 'Float64Array', total)
    const hashes = arrayOf(unpacked, 'hashes', 'Uint32Array', total)
    const directions = arrayOf(unpacked, 'directions', 'Int8Array', total * dims)
    const values = arrayOf(unpacked, 'values', 'Float64Array', pairs)
    const common = arrayOf(unpacked, 'common', 'Float32Array', pairs * dims)
    const clean = arrayOf(unpacked, 'clean', 'Float64Array', numbersEach * scored.length)
    let [at, pair, scoring] = [0, 0, 0]
    const next = (found: number): Scoring => {
      const data = common.slice(pair * dims, (pair + found) * dims)
      const spectrum = {
        values: values.slice(pair, pair + found),
        directions: { rows: found, cols: dims, data },
      }
      pair += found
      const numbers = clean.subarray(numbersEach * scoring, numbersEach * (scoring + 1))
      scoring++
      const [mean = 0, deviation = 1, threshold = 0, bound = 1, farThreshold = 0, farBound = 1] = numbers
      const tails = [
        { threshold, bound },
        { threshold: farThreshold, bound: farBound },
      ]
      return { spectrum, mean, deviation, tails }
    }
    return {
      dims,
      clocks,
      samples: samples.map(({ kept, fresh, found }): Sample => {
        const records = Array.from({ length: kept }, (_, i): Kept => {
          const direction = directions.slice((at + i) * dims, (at + i + 1) * dims)
          return { key: keys[at + i] ?? 0, hash: hashes[at + i] ?? 0, direction }
        })
        at += kept
        return { kept: records, fresh, scoring: found === null ? null : next(found) }
      }),
    }
  },
}

function joined(kept: readonly Kept[], dims: number): Int8Array {
  const all = new Int8Array(kept.length * dims)
  kept.forEach(({ direction }, i) => all.set(direction, i * dims))
  return all
}
