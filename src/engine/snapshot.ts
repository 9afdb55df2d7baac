import { createHash } from 'node:crypto'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { z } from 'zod'
import type { Baseline } from '../baseline/baseline.ts'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import { TasterError } from '../core/errors.ts'
import type { Budget } from './budget.ts'
import { decodeEvidence, encodeEvidence } from './stored-evidence.ts'
import type { WeigherState } from './weigh.ts'

/** All that a judge learns along its stream. */
export interface Learnt {
  readonly evidence: WeigherState
  readonly memories: ReadonlyMap<string, unknown> // by detector
}

const format = 2
const mostBytes = 2 ** 30 // of a snapshot, inflated
// Columns of small numbers, hardly any stretch of which comes twice: not to look for one takes a third of the time, and the
// bytes are no more.
const compression = { level: 1, strategy: constants.Z_RLE }
const evidencePart = 'evidence'
const memoryPart = (detector: string) => `memory ${detector}`

/** What a judge has learnt as bytes, with what it was learnt by: a baseline and a budget. */
export function encodeSnapshot({ evidence, memories }: Learnt, baseline: Baseline, budget: Budget): Uint8Array {
  const arrays = new Map([[evidencePart, encodeEvidence(evidence)]])
  for (const { name, detector } of baseline.detectors)
    arrays.set(memoryPart(name), detector.memory.codec.encode(memories.get(name)))
  const body = Uint8Array.from(deflateRawSync(pack({ json: null, arrays }), compression))
  const { falseAlarms, batches } = budget
  return pack({
    json: { format, baseline: baseline.digest, budget: { falseAlarms, batches }, sha256: sha256(body) },
    arrays: { body },
  })
}

const header = z.object({
  format: z.int(),
  baseline: z.string(),
  budget: z.object({ falseAlarms: z.number(), batches: z.number() }),
  sha256: z.string(),
})

/**
 * The inverse of `encodeSnapshot`. Throws STATE_BROKEN where the bytes are damaged, or were learnt by another baseline,
 * by another budget, or by a version of Taster that stores it otherwise.
 */
export function decodeSnapshot(bytes: Uint8Array, baseline: Baseline, budget: Budget): Learnt {
  const { head, body } = opened(bytes)
  if (head.format !== format)
    throw broken(`it has format ${head.format}, and this version of Taster reads format ${format}`)
  if (head.baseline !== baseline.digest)
    throw broken(`it was gathered by baseline ${head.baseline}, and the pipeline now judges by ${baseline.digest}`)
  if (head.budget.falseAlarms !== budget.falseAlarms || head.budget.batches !== budget.batches)
    throw broken(`it was gathered for a budget of ${inWords(head.budget)}, and the pipeline now has ${inWords(budget)}`)
  if (sha256(body) !== head.sha256) throw broken('its bytes do not have the checksum that they were stored with')
  try {
    const parts = unpack(inflateRawSync(body, { maxOutputLength: mostBytes }))
    return {
      evidence: decodeEvidence(arrayOf(parts, evidencePart, 'Uint8Array')),
      memories: new Map(
        baseline.detectors.map(({ name, detector }) => [
          name,
          detector.memory.codec.decode(arrayOf(parts, memoryPart(name), 'Uint8Array')),
        ]),
      ),
    }
  } catch (error) {
    throw broken('it cannot be read', error)
  }
}

function opened(bytes: Uint8Array): { readonly head: z.infer<typeof header>; readonly body: Uint8Array } {
  try {
    const unpacked = unpack(bytes)
    return { head: header.parse(unpacked.json), body: arrayOf(unpacked, 'body', 'Uint8Array') }
  } catch (error) {
    throw broken('it cannot be read', error)
  }
}

function broken(why: string, cause?: unknown): TasterError {
  return new TasterError(
    'STATE_BROKEN',
    `The stored evidence cannot be gone on from: ${why}. Put back what it was gathered with, or start once with --rebuild-evidence to gather it anew`,
    cause === undefined ? {} : { cause },
  )
}

const inWords = ({ falseAlarms, batches }: Budget) => `${falseAlarms} in ${batches} batches`

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
