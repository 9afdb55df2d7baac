import { sumKernel } from './sum-kernel.ts'

// The types of Node do not say what it has of WebAssembly.
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly [name: string]: unknown } }
  validate(bytes: Uint8Array): boolean
}

/** Many vectors of int8 where they can be added up fast: see `openSums`. */
export interface Sums {
  readonly places: Int32Array // mostSummed: the numbers of the vectors to add up
  readonly factors: Int16Array // mostSummed: what each is multiplied by
  readonly sum: Int32Array // dims, and zeros up to a multiple of eight
  /** Adds up the first `count` of them, exactly. */
  readonly addUp: (count: number) => void
}

/** So many products of an int8 and an int16 sum up to less than 2^31. */
export const mostSummed = 512

const dimsAtOnce = 8
const page = 65_536

/**
 * Lays `dims`-dimensional vectors out for sums of some of them. With WebAssembly SIMD where the machine has it, else in
 * JavaScript, with the same results: all numbers are whole.
 */
export function openSums(vectors: Int8Array, dims: number, simd = true): Sums {
  const rows = vectors.length / dims
  const groups = Math.ceil(dims / dimsAtOnce)
  const stride = groups * dimsAtOnce
  const atFactors = 4 * mostSummed
  const atSum = atFactors + 2 * mostSummed
  const atVectors = atSum + 4 * stride
  const bytes = atVectors + rows * stride
  const kernel = sumKernel()
  const runs = simd && typeof WebAssembly !== 'undefined' && WebAssembly.validate(kernel)
  const memory = runs ? new WebAssembly.Memory({ initial: Math.ceil(bytes / page) }) : null
  const buffer = memory?.buffer ?? new ArrayBuffer(bytes)
  const laid = new Int8Array(buffer, atVectors, rows * stride)
  for (let row = 0; row < rows; row++) laid.set(vectors.subarray(row * dims, (row + 1) * dims), row * stride)
  const places = new Int32Array(mostSummed)
  const factors = new Int16Array(buffer, atFactors, mostSummed)
  const sum = new Int32Array(buffer, atSum, stride)
  if (memory === null) {
    return { places, factors, sum, addUp: (count) => addUp(laid, stride, places, factors, count, sum) }
  }
  const addresses = new Int32Array(buffer, 0, mostSummed)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernel), { m: { m: memory } })
  const run = exports['s'] as (places: number, factors: number, pairs: number, groups: number, into: number) => void
  return {
    places,
    factors,
    sum,
    addUp(count) {
      for (let i = 0; i < count; i++) addresses[i] = atVectors + (places[i] ?? 0) * stride
      if (count % 2 === 1) {
        addresses[count] = atVectors
        factors[count] = 0
      }
      if (count === 0) sum.fill(0)
      else run(0, atFactors, Math.ceil(count / 2), groups, atSum)
    },
  }
}

function addUp(
  vectors: Int8Array,
  stride: number,
  places: Int32Array,
  factors: Int16Array,
  count: number,
  sum: Int32Array,
): void {
  sum.fill(0)
  for (let i = 0; i < count; i++) {
    const at = (places[i] ?? 0) * stride
    const factor = factors[i] ?? 0
    for (let j = 0; j < stride; j++) sum[j] = (sum[j] ?? 0) + factor * (vectors[at + j] ?? 0)
  }
}
