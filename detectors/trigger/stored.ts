import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import { differences, fromVarints, sums, varints } from '../../src/core/varints.ts'
import { isFree, slotOf } from './counts.ts'
import { columnsPerLabel, emptyMemory, sourceBuckets, type Memory } from './memory.ts'
import { placeOf, remembered } from './signature.ts'
import { corrupt } from './stored-corrupt.ts'
import { subjectsFrom, subjectsOf } from './stored-subjects.ts'

const count = z.int().min(0)
const header = z.strictObject({
  streams: count,
  batches: count,
  shedAt: count,
  unknown: count,
  known: count,
  subjects: count,
  labels: count,
  met: z.tuple([count, count]),
})

/**
 * Equal memories have equal bytes, however their tables came to be: subjects are stored in an order of their keys.
 * Numbers are stored whole and column by column, since most are small and much alike.
 */
export const memoryCodec: Codec<Memory> = {
  encode(memory) {
    const labels = memory.perLabel.length / columnsPerLabel
    const { streams, batches, shedAt, unknown, known, counts } = memory
    const signatures = (half: 0 | 1) =>
      memory.seen
        .subarray(half * remembered, (half + 1) * remembered)
        .filter((each) => each !== 0)
        .sort()
    const [first, second] = [signatures(0), signatures(1)]
    return pack({
      json: {
        streams,
        batches,
        shedAt,
        unknown,
        known,
        subjects: counts.used,
        labels,
        met: [first.length, second.length],
      },
      arrays: {
        perLabel: varints(memory.perLabel),
        perSource: varints(memory.perSource),
        first: varints(differences(first)),
        second: varints(differences(second)),
        watched: Float64Array.from(memory.watched).toSorted(),
        ...subjectsOf(memory, labels),
      },
    })
  },
  decode(bytes) {
    const unpacked = unpack(bytes)
    const { subjects, labels, met, ...rest } = header.parse(unpacked.json)
    const whole = (name: string, length: number) => fromVarints(arrayOf(unpacked, name, 'Uint8Array'), length)
    const memory: Memory = {
      ...emptyMemory(),
      ...rest,
      perLabel: whole('perLabel', labels * columnsPerLabel),
      perSource: whole('perSource', 2 * sourceBuckets),
      counts: subjectsFrom(unpacked, labels, rest.batches, subjects),
    }
    for (const [name, half] of [
      ['first', 0],
      ['second', 1],
    ] as const) {
      for (const signature of sums(whole(name, met[half]))) {
        const place = placeOf(signature, half)
        if (signature === 0 || signature >= 2 ** 32 || memory.seen[place] !== 0) throw corrupt()
        memory.seen[place] = signature
      }
    }
    for (const key of arrayOf(unpacked, 'watched', 'Float64Array')) {
      if (isFree(memory.counts, slotOf(memory.counts, Math.floor(key / 65_536), key % 65_536))) throw corrupt()
      memory.watched.add(key)
    }
    return memory
  },
}
