import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import { TasterError } from '../../src/core/errors.ts'
import type { Content } from './content.ts'
import { featureAt, isFree, labelAt, setKey, slotOf } from './counts.ts'
import { emptyTable, slotsFor, trustedStride, type Trusted } from './trusted.ts'

/** What the detector needs of its baseline. */
export interface Fitted {
  readonly trusted: Trusted
  readonly content: Content
  /**
   * By how much ln p of the joint test is shrunk, 0 … 1: so that what rises among trusted records of one half of the
   * time, against those of the other, is no evidence.
   */
  readonly temper: number
  readonly capacity: number // slots of the memory's table: a power of two
  readonly salt: number // of the hashes of sources
}

const header = z.strictObject({
  temper: z.number().min(0).max(1),
  capacity: z.int().min(1),
  salt: z.int(),
  dims: z.int().min(0),
  labels: z.array(z.int().min(0)),
})

export const fittedCodec: Codec<Fitted> = {
  encode({ trusted, content, temper, capacity, salt }) {
    const slots: number[] = []
    for (let slot = 0; slot < trusted.slots; slot++) if (!isFree(trusted, slot)) slots.push(slot)
    slots.sort((a, b) => featureAt(trusted, a) - featureAt(trusted, b) || labelAt(trusted, a) - labelAt(trusted, b))
    return pack({
      json: { temper, capacity, salt, dims: content.dims, labels: trusted.scores.map((scores) => scores.length) },
      arrays: {
        perLabel: trusted.perLabel,
        coefficients: content.coefficients,
        intercepts: content.intercepts,
        scores: Float64Array.from(trusted.scores.flatMap((scores) => [...scores])),
        feature: Uint32Array.from(slots, (slot) => featureAt(trusted, slot)),
        label: Uint16Array.from(slots, (slot) => labelAt(trusted, slot)),
        documents: Uint32Array.from(slots, (slot) => trusted.documents[slot] ?? 0),
        surprise: Float64Array.from(slots, (slot) => trusted.surprise[slot] ?? 0),
      },
    })
  },
  decode(bytes) {
    const unpacked = unpack(bytes)
    const { labels, dims, ...rest } = header.parse(unpacked.json)
    const feature = arrayOf(unpacked, 'feature', 'Uint32Array')
    const label = arrayOf(unpacked, 'label', 'Uint16Array', feature.length)
    const documents = arrayOf(unpacked, 'documents', 'Uint32Array', feature.length)
    const surprise = arrayOf(unpacked, 'surprise', 'Float64Array', feature.length)
    const perLabel = arrayOf(unpacked, 'perLabel', 'Float64Array', labels.length)
    const all = arrayOf(
      unpacked,
      'scores',
      'Float64Array',
      labels.reduce((sum, length) => sum + length, 0),
    )
    const content = {
      dims,
      coefficients: arrayOf(unpacked, 'coefficients', 'Float64Array', dims * labels.length),
      intercepts: arrayOf(unpacked, 'intercepts', 'Float64Array', dims === 0 ? 0 : labels.length),
    }
    let from = 0
    const scores = labels.map((length) => all.slice(from, (from += length)))
    const table = emptyTable(slotsFor(feature.length))
    for (let i = 0; i < feature.length; i++) {
      const slot = slotOf(table, feature[i] ?? 0, label[i] ?? 0)
      if (!isFree(table, slot) || (label[i] ?? 0) >= labels.length) {
        throw new TasterError(
          'BASELINE_CORRUPT',
          'trigger: a counted feature stands twice or under a label that is none; fit the baseline again',
        )
      }
      setKey(table, slot, feature[i] ?? 0, label[i] ?? 0)
      table.documents[slot] = documents[i] ?? 0
      table.surprise[slot] = surprise[i] ?? 0
    }
    return { ...rest, content, trusted: { ...table, stride: trustedStride, perLabel, scores } }
  },
}
