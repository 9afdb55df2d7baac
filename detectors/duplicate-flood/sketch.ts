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
  const { isCommon, project } = toolsOf(sketcher)
  const { cols, data } = batch.vectors
  return (row) => {
    const ids = featuresOf(batch.features, row)
    if (ids.length === 0) return project(data.subarray(row * cols, (row + 1) * cols))
    if (scratch.length < ids.length) scratch = new Uint32Array(2 * ids.length)
    // Of many features only those with small hashes can be among the smallest: the others are not looked at twice.
    const limit = ids.length <= 3 * sketchSize ? 2 ** 32 : (2 ** 32 * 3 * sketchSize) / ids.length
    let kept = collect(ids, sketcher.salt, limit, isCommon, scratch)
    if (kept < sketchSize && limit < 2 ** 32) kept = collect(ids, sketcher.salt, 2 ** 32, isCommon, scratch)
    if (kept < fewestRare) kept = collect(ids, sketcher.salt, 2 ** 32, never, scratch)
    return scratch.subarray(0, kept).sort().slice(0, sketchSize)
  }
}

interface Tools {
  readonly isCommon: (feature: number) => boolean
  readonly project: (vector: Float32Array) => Uint32Array
}

const tools = new WeakMap<Sketcher, Tools>()

/** What a sketcher works with, made once for all batches. */
function toolsOf(sketcher: Sketcher): Tools {
  let made = tools.get(sketcher)
  if (made === undefined) {
    made = { isCommon: membership(sketcher.common), project: projector(sketcher) }
    tools.set(sketcher, made)
  }
  return made
}

const never = () => false

/** Whether a number of 32 bits is among these: an open-addressed table at a load of at most a quarter, faster than a Set. */
function membership(members: ReadonlySet<number>): (id: number) => boolean {
  const size = 2 ** Math.ceil(Math.log2(4 * members.size + 1))
  const table = new Float64Array(size).fill(-1)
  const slotOf = (id: number) => {
    let slot = Math.imul(id, 0x9e3779b1) & (size - 1)
    while (table[slot] !== -1 && table[slot] !== id) slot = (slot + 1) & (size - 1)
    return slot
  }
  for (const id of members) table[slotOf(id)] = id
  return (id) => table[slotOf(id)] === id
}

function collect(
  ids: Uint32Array,
  salt: number,
  limit: number,
  skip: (id: number) => boolean,
  into: Uint32Array,
): number {
  let kept = 0
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0
    const hash = mix32(salt, id)
    if (hash < limit && !skip(id)) into[kept++] = hash
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
  let filled = 1
  while (filled < centre.length) filled *= 2
  const length = Math.max(directions, filled)
  const uniform = random(salt)
  const signs = () => Float64Array.from({ length }, () => (uniform() < 0.5 ? -1 : 1))
  const first = signs()
  const second = signs()
  const work = new Float64Array(length)
  return (vector) => {
    work.fill(0)
    for (let i = 0; i < vector.length; i++) work[i] = ((vector[i] ?? 0) - (centre[i] ?? 0)) * (first[i] ?? 1)
    hadamard(work, filled)
    for (let i = 0; i < length; i++) work[i] = (work[i] ?? 0) * (second[i] ?? 1)
    hadamard(work, length)
    const sketch = new Uint32Array(bands)
    for (let band = 0; band < bands; band++) {
      let bits = 0
      for (let i = 0; i < bandBits; i++) bits = (bits << 1) | ((work[band * bandBits + i] ?? 0) > 0 ? 1 : 0)
      sketch[band] = mix32(salt ^ band, bits)
    }
    return sketch.sort()
  }
}

/**
 * The Walsh-Hadamard transform in place, not scaled; the length is a power of two, and so is `filled`, from where on all
 * values are 0: there the transform repeats itself.
 */
function hadamard(values: Float64Array, filled: number): void {
  let half = 1
  // two levels at a time, which reads and writes every value half as often
  for (; 2 * half < filled; half *= 4) {
    for (let block = 0; block < filled; block += 4 * half) {
      for (let i = block; i < block + half; i++) {
        const a = values[i] ?? 0
        const b = values[i + half] ?? 0
        const c = values[i + 2 * half] ?? 0
        const d = values[i + 3 * half] ?? 0
        values[i] = a + b + (c + d)
        values[i + half] = a - b + (c - d)
        values[i + 2 * half] = a + b - (c + d)
        values[i + 3 * half] = a - b - (c - d)
      }
    }
  }
  if (half < filled) {
    for (let i = 0; i < half; i++) {
      const a = values[i] ?? 0
      const b = values[i + half] ?? 0
      values[i] = a + b
      values[i + half] = a - b
    }
  }
  for (let from = filled; from < values.length; from += filled) values.copyWithin(from, 0, filled)
}
