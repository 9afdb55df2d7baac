import type { Encoded } from '../../src/core/encoded.ts'
import { mix32 } from '../../src/core/hash.ts'
import type { Measured } from '../../src/core/detector.ts'
import { capacityOf, fitting, type Memory } from './memory.ts'
import { added, directionOf, keyOf, refreshed, scoringOf, standardScore, type Kept } from './sample.ts'
import type { Images } from './spectra.ts'
import { groupsOf, lessCentre, squaredLength, whitened, type Fitted, type Group } from './trusted.ts'

const records = 4000 // of a label, after which what stood out counts for 1/e of what stands out now

/**
 * One score an image. Each label's images are parted in two by their bits; those of one half are scored by what stood
 * out in the other half, of this batch and of those before. So no image has a part in its own scoring, and a clean one
 * scores as the held-out trusted images do, whatever the stream has shown.
 */
export function judged(batch: Encoded, fitted: Fitted, memory: Memory): Measured<Memory> {
  const { content } = batch.records
  const scores = new Float64Array(batch.label.length).fill(NaN)
  if (content.kind !== 'image' || scores.length === 0 || !sameShape(content, fitted)) {
    return { measurements: [{ kind: 'scores', scores }], memory }
  }
  const dims = fitted.whitening.cols
  const labels = fitted.groups.length
  const before = fitting(memory, labels, dims)
  const clocks = [...before.clocks]
  const samples = [...before.samples]
  const members = groupsOf(batch)
  const tested = fitted.groups.map(({ heldOut }, label) => (heldOut.rows === 0 ? [] : (members[label] ?? [])))
  const all = whitened(content, tested.flat(), fitted)
  let from = 0
  tested.forEach((rows, label) => {
    const group = fitted.groups[label]
    if (rows.length === 0 || group === undefined) return
    const part = { ...all, rows: rows.length, data: all.data.subarray(from * dims, (from + rows.length) * dims) }
    from += rows.length
    const own = lessCentre(part, group.centre)
    const hashes = rows.map((row) => hashOf(content, row, fitted.seed))
    const clock = clocks[label] ?? 0
    clocks[label] = clock + rows.length
    const outstanding: [Kept[], Kept[]] = [[], []]
    hashes.forEach((hash, i) => {
      if (squaredLength(own, i) <= group.threshold) return
      const direction = directionOf(own.data.subarray(i * dims, (i + 1) * dims))
      outstanding[halfOf(hash)].push({ key: keyOf(hash, clock, records), hash, direction })
    })
    const halves = outstanding.map((kept, half) => {
      const place = 2 * label + half
      const sample = samples[place]
      const after = sample && refreshed(added(sample, kept, capacityOf(labels)), group.heldOut)
      if (after !== undefined) samples[place] = after
      return after?.scoring ?? plainScoring(group)
    })
    rows.forEach((row, i) => {
      const scoring = halves[1 - halfOf(hashes[i] ?? 0)]
      if (scoring !== undefined) scores[row] = standardScore(own, i, scoring)
    })
  })
  return { measurements: [{ kind: 'scores', scores }], memory: { dims, clocks, samples } }
}

export function sameShape(images: Images, { shape }: Fitted): boolean {
  return images.height === shape.height && images.width === shape.width && images.channels === shape.channels
}

/** By distance alone: while nothing has stood out. */
function plainScoring({ heldOut }: Group) {
  const directions = { rows: 0, cols: heldOut.cols, data: new Float32Array() }
  return scoringOf({ values: new Float64Array(), directions }, heldOut)
}

const halfOf = (hash: number): 0 | 1 => ((hash >>> 16) & 1 ? 1 : 0)

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
