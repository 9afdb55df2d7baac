import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { mix32 } from '../../src/core/hash.ts'
import { random } from '../../src/stats/random.ts'

/** Numbers of a sketch. */
export const sketchSize = 32

export interface Sketcher {
  readonly salt: number
  readonly common: ReadonlySet<number> // features that many trusted records have: they tell no record from another
  readonly centre: Float64Array // mean of the trusted vectors
}

const fewestRare = 8
const bands = 16
const bandBits = 16
const directions = bands * bandBits

/**
 * A sketch of each record: of its features, hashed, the smallest, ascending (bottom-k sketch; A. Broder, On the resemblance
 * and containment of documents, SEQUENCES 1997). Features that are common among trusted records don't count where a
 * record has enough others. A record without features is sketched by the signs of its vector's projections, in bands.
 */
export function sketches(batch: Encoded, sketcher: Sketcher): (row: number) => Uint32Array {
  let scratch = new Uint32Array(256)
  const project = projector(sketcher)
  const { cols, data } = batch.vectors
  return (row) => {
    const ids = featuresOf(batch.features, row)
    if (ids.length === 0) return project(data.subarray(row * cols, (row + 1) * cols))
    if (scratch.length < ids.length) scratch = new Uint32Array(2 * ids.length)
    // Of many features only those with small hashes can be among the smallest: the others are not looked at twice.
    const limit = ids.length <= 4 * sketchSize ? 2 ** 32 : (2 ** 32 * 4 * sketchSize) / ids.length
    let kept = collect(ids, sketcher.salt, limit, sketcher.common, scratch)
    if (kept < sketchSize && limit < 2 ** 32) kept = collect(ids, sketcher.salt, 2 ** 32, sketcher.common, scratch)
    if (kept < fewestRare) kept = collect(ids, sketcher.salt, 2 ** 32, none, scratch)
    return scratch.subarray(0, kept).sort().slice(0, sketchSize)
  }
}

const none: ReadonlySet<number> = new Set()

function collect(ids: Uint32Array, salt: number, limit: number, skip: ReadonlySet<number>, into: Uint32Array): number {
  let kept = 0
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0
    const hash = mix32(salt, id)
    if (hash < limit && !skip.has(id)) into[kept++] = hash
  }
  return kept
}

/**
 * Share of the features of either record that both have (Jaccard), estimated from the smallest of both sketches; exact
 * for records of few features. Both lie at `from` in ascending order.
 */
export function resemblance(
  a: Uint32Array,
  aFrom: number,
  aSize: number,
  b: Uint32Array,
  bFrom: number,
  bSize: number,
): number {
  let i = 0
  let j = 0
  let shared = 0
  let union = 0
  while (union < sketchSize && (i < aSize || j < bSize)) {
    const x = i < aSize ? (a[aFrom + i] ?? 0) : Infinity
    const y = j < bSize ? (b[bFrom + j] ?? 0) : Infinity
    if (x === y) shared++
    if (x <= y) i++
    if (y <= x) j++
    union++
  }
  return union === 0 ? 1 : shared / union
}

/**
 * Signs of the projections of a centred vector on random directions, in bands of 16 bits (M. Charikar, STOC 2002). The
 * directions are rows of random signs × Hadamard × random signs × Hadamard, which costs n log n (Ailon & Chazelle 2006).
 */
function projector({ salt, centre }: Sketcher): (vector: Float32Array) => Uint32Array {
  let length = directions
  while (length < centre.length) length *= 2
  const uniform = random(salt)
  const signs = () => Float64Array.from({ length }, () => (uniform() < 0.5 ? -1 : 1))
  const first = signs()
  const second = signs()
  const work = new Float64Array(length)
  return (vector) => {
    work.fill(0)
    for (let i = 0; i < vector.length; i++) work[i] = ((vector[i] ?? 0) - (centre[i] ?? 0)) * (first[i] ?? 1)
    hadamard(work)
    for (let i = 0; i < length; i++) work[i] = (work[i] ?? 0) * (second[i] ?? 1)
    hadamard(work)
    const sketch = new Uint32Array(bands)
    for (let band = 0; band < bands; band++) {
      let bits = 0
      for (let i = 0; i < bandBits; i++) bits = (bits << 1) | ((work[band * bandBits + i] ?? 0) > 0 ? 1 : 0)
      sketch[band] = mix32(salt ^ band, bits)
    }
    return sketch.sort()
  }
}

/** The Walsh-Hadamard transform in place, not scaled; the length is a power of two. */
function hadamard(values: Float64Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let i = block; i < block + half; i++) {
        const x = values[i] ?? 0
        const y = values[i + half] ?? 0
        values[i] = x + y
        values[i + half] = x - y
      }
    }
  }
}
