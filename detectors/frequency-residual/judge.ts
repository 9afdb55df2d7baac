import type { Encoded } from '../../src/core/encoded.ts'
import { mix32 } from '../../src/core/hash.ts'
import { rowOf, type Matrix } from '../../src/core/matrix.ts'
import type { Measured } from '../../src/core/detector.ts'
import type { Measurement, Subject } from '../../src/core/measurement.ts'
import { exceedanceLogE } from '../../src/stats/exceedance-log-e.ts'
import { capacityOf, fitting, type Memory } from './memory.ts'
import { directionOf, grown, keyOf, partCount, scoringOf, standardScore, type Kept } from './sample.ts'
import type { Images } from './spectra.ts'
import { groupsOf, lessCentre, squaredLength, whitened, type Fitted, type Group } from './trusted.ts'

const bets = [0.25, 0.5, 1, 2, 4, 8, 16] as const
const records = 4000 // of a label, after which what stood out counts for 1/e of what stands out now

/** The images of one label, in coordinates without correlation around what trusted ones of it look like. */
interface Part {
  readonly label: number
  readonly group: Group
  readonly rows: readonly number[]
  readonly vectors: Matrix
  readonly hashes: readonly number[]
}

/**
 * One score an image. Each label's images are parted by their bits; those of one part are scored by what stood out in
 * the other parts, of this batch and of those before. So no image has a part in its own scoring, and a clean one
 * scores as the held-out trusted images do, whatever the stream has shown.
 */
export function judged(batch: Encoded, fitted: Fitted, memory: Memory): Measured<Memory> {
  const parts = partsOf(batch, fitted)
  if (parts.length === 0) return { measurements: [{ kind: 'scores', scores: scoresOf(batch, parts, memory) }], memory }
  const dims = fitted.whitening.cols
  const labels = fitted.groups.length
  const before = fitting(memory, labels, dims)
  const clocks = [...before.clocks]
  const samples = [...before.samples]
  const measurements: Measurement[] = []
  for (const part of parts) {
    const { label, group } = part
    const name = batch.labels[label]
    if (name !== undefined) measurements.push(evidenceOf(part, { kind: 'label', name }, before))
    const clock = clocks[label] ?? 0
    clocks[label] = clock + part.rows.length
    const own = samples.slice(label * partCount, (label + 1) * partCount)
    const after = grown(own, outstandingOf(part, clock), capacityOf(labels), group.heldOut)
    samples.splice(label * partCount, partCount, ...after)
  }
  const after = { dims, clocks, samples }
  return { measurements: [...measurements, { kind: 'scores', scores: scoresOf(batch, parts, after) }], memory: after }
}

/**
 * What the images of a label say about it, by what had stood out before they came: bets on how many exceed the scores
 * that few held-out images do. A stream's evidence by scores alone would thin out what befalls one label of many.
 */
function evidenceOf({ label, group, vectors, hashes }: Part, subject: Subject, before: Memory): Measurement {
  const logE = new Float64Array(2 * bets.length)
  for (let part = 0; part < partCount; part++) {
    const scoring = before.samples[label * partCount + part]?.scoring ?? plainScoring(group)
    const own = hashes.flatMap((hash, i) => (partOf(hash) === part ? [standardScore(vectors, i, scoring)] : []))
    scoring.tails.forEach(({ threshold, bound }, tail) => {
      const over = own.filter((score) => score > threshold).length
      exceedanceLogE(over, own.length, bound, bets).forEach((grown, bet) => {
        logE[tail * bets.length + bet] = (logE[tail * bets.length + bet] ?? 0) + grown
      })
    })
  }
  return { kind: 'increment', subject, logE, records: hashes.length }
}

interface Told {
  readonly fitted: Fitted
  readonly memory: Memory
  readonly scores: Float64Array
}
const told = new WeakMap<Encoded, Told>() // a batch is asked about once for each subject of its alarms

/** The scores that `judged` gave the batch that it left this memory after. */
export function scoresAfter(batch: Encoded, fitted: Fitted, memory: Memory): Float64Array {
  const known = told.get(batch)
  if (known !== undefined && known.fitted === fitted && known.memory === memory) return known.scores
  const after = fitting(memory, fitted.groups.length, fitted.whitening.cols)
  const scores = scoresOf(batch, partsOf(batch, fitted), after)
  told.set(batch, { fitted, memory, scores })
  return scores
}

function partsOf(batch: Encoded, fitted: Fitted): Part[] {
  const { content } = batch.records
  if (content.kind !== 'image' || batch.label.length === 0 || !sameShape(content, fitted)) return []
  const members = groupsOf(batch)
  const tested = fitted.groups.map(({ heldOut }, label) => (heldOut.rows === 0 ? [] : (members[label] ?? [])))
  const all = whitened(content, tested.flat(), fitted)
  let from = 0
  return fitted.groups.flatMap((group, label) => {
    const rows = tested[label] ?? []
    if (rows.length === 0) return []
    const data = all.data.subarray(from * all.cols, (from + rows.length) * all.cols)
    from += rows.length
    const vectors = lessCentre({ rows: rows.length, cols: all.cols, data }, group.centre)
    return [{ label, group, rows, vectors, hashes: rows.map((row) => hashOf(content, row, fitted.seed)) }]
  })
}

/** The images beyond the threshold, by part. */
function outstandingOf({ group, vectors, hashes }: Part, clock: number): Kept[][] {
  const outstanding = Array.from({ length: partCount }, (): Kept[] => [])
  hashes.forEach((hash, i) => {
    if (squaredLength(vectors, i) <= group.threshold) return
    const direction = directionOf(rowOf(vectors, i))
    outstanding[partOf(hash)]?.push({ key: keyOf(hash, clock, records), hash, direction })
  })
  return outstanding
}

function scoresOf(batch: Encoded, parts: readonly Part[], { samples }: Memory): Float64Array {
  const scores = new Float64Array(batch.label.length).fill(NaN)
  for (const { label, group, rows, vectors, hashes } of parts) {
    const own = samples.slice(label * partCount, (label + 1) * partCount)
    const scorings = own.map(({ scoring }) => scoring ?? plainScoring(group))
    rows.forEach((row, i) => {
      const scoring = scorings[partOf(hashes[i] ?? 0)]
      if (scoring !== undefined) scores[row] = standardScore(vectors, i, scoring)
    })
  }
  return scores
}

function sameShape(images: Images, { shape }: Fitted): boolean {
  return images.height === shape.height && images.width === shape.width && images.channels === shape.channels
}

/** By distance alone: while nothing has stood out. */
function plainScoring({ heldOut }: Group) {
  const directions = { rows: 0, cols: heldOut.cols, data: new Float32Array() }
  return scoringOf({ values: new Float64Array(), directions }, heldOut)
}

const partOf = (hash: number): number => (hash >>> 16) % partCount

/** Of the pixels, so that copies have one hash, salted, so that nobody outside can choose it. */
function hashOf({ height, width, channels, pixels }: Images, row: number, seed: number): number {
  const size = height * width * channels
  let hash = mix32(Math.floor(seed / 2 ** 32), seed >>> 0)
  let i = row * size
  const end = i + size
  for (; i + 4 <= end; i += 4) {
    const word =
      (pixels[i] ?? 0) | ((pixels[i + 1] ?? 0) << 8) | ((pixels[i + 2] ?? 0) << 16) | ((pixels[i + 3] ?? 0) << 24)
    if (word !== 0) hash = mix32(hash ^ (i - row * size), word)
  }
  for (; i < end; i++) hash = mix32(hash, pixels[i] ?? 0)
  return hash
}
