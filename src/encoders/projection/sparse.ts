import { mix32 } from '../../core/hash.ts'

/**
 * A random linear map of many inputs to few dimensions: each input goes to `blocks` dimensions, one in each of as many
 * equal parts, with a random sign and weight 1/√blocks. Lengths and angles are kept in expectation, as with a dense
 * matrix of signs, at blocks/dims of its cost (Kane, Nelson: Sparser Johnson-Lindenstrauss Transforms, JACM 2014).
 */
export interface SparseProjection {
  readonly inputs: number
  readonly dims: number
  readonly blocks: number
  readonly targets: Int16Array // inputs × blocks: dimension + 1, negative where the sign is
}

/** The same for the same salt. `dims` is at most 32,767. */
export function sparseProjection(inputs: number, dims: number, salt: number, sparsity = 16): SparseProjection {
  const blocks = Math.min(sparsity, dims)
  const targets = new Int16Array(inputs * blocks)
  for (let input = 0; input < inputs; input++) {
    const row = mix32(salt, input)
    for (let block = 0; block < blocks; block++) {
      const bits = mix32(row, block)
      const from = Math.floor((block * dims) / blocks)
      const width = Math.floor(((block + 1) * dims) / blocks) - from
      const target = from + ((bits >>> 1) % width) + 1
      targets[input * blocks + block] = (bits & 1) === 0 ? target : -target
    }
  }
  return { inputs, dims, blocks, targets }
}

/** Adds value times the image of one input to `out`, which has `dims` elements. */
export function projectInto(
  { blocks, targets }: SparseProjection,
  input: number,
  value: number,
  out: Float64Array,
): void {
  const share = value / Math.sqrt(blocks)
  for (let i = input * blocks; i < (input + 1) * blocks; i++) {
    const target = targets[i] ?? 1
    if (target > 0) out[target - 1] = (out[target - 1] ?? 0) + share
    else out[-target - 1] = (out[-target - 1] ?? 0) - share
  }
}
