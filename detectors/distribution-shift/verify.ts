import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { gaussianKernel } from '../../src/stats/gaussian-kernel.ts'
import { mmdSquared } from '../../src/stats/mmd-squared.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { quantile } from '../../src/stats/quantile.ts'

const mostRows = 80 // of each sample
const fewestRows = 20
const permutations = 99

/**
 * The exact unbiased MMD² of a batch and trusted records, Gaussian kernel with the median distance as its bandwidth,
 * and its permutation p-value (1 + #{permuted ≥ observed}) / 100. At most 80 rows of each, spread evenly over what is
 * given, so that the work is bounded. Nothing where either has fewer than 20.
 */
export function exactMmd(trusted: Matrix, trustedRows: readonly number[], batch: Matrix, rows: readonly number[]) {
  if (trustedRows.length < fewestRows || rows.length < fewestRows || trusted.cols !== batch.cols) return null
  const some = [thinned(trustedRows), thinned(rows)] as const
  const both = [selectRows(trusted, some[0]), selectRows(batch, some[1])] as const
  const n = both[0].rows + both[1].rows
  const data = new Float32Array(n * trusted.cols)
  data.set(both[0].data)
  data.set(both[1].data, both[0].data.length)
  const squared = squaredDistances({ rows: n, cols: trusted.cols, data })
  const bandwidth = Math.sqrt(squared.length === 0 ? 1 : quantile(squared, 0.5))
  const kernel = gaussianKernel({ rows: n, cols: trusted.cols, data }, bandwidth)
  const first = Uint8Array.from({ length: n }, (_, i) => (i < both[0].rows ? 1 : 0))
  const observed = mmdSquared(kernel, first)
  const uniform = random(n)
  let asLarge = 0
  for (let i = 0; i < permutations; i++) {
    const order = permutation(n, uniform)
    if (
      mmdSquared(
        kernel,
        Uint8Array.from(order, (at) => first[at] ?? 0),
      ) >= observed
    )
      asLarge++
  }
  return { mmdSquared: observed, p: (1 + asLarge) / (1 + permutations), records: both[1].rows, trusted: both[0].rows }
}

function thinned(rows: readonly number[]): number[] {
  const count = Math.min(rows.length, mostRows)
  return Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)] ?? 0)
}

/** Of neighbours in the list: enough for a median. Zero distances are left out, as copies say nothing about a scale. */
function squaredDistances({ rows, cols, data }: Matrix): Float64Array {
  const distances: number[] = []
  for (let a = 0; a < rows; a++) {
    for (const step of [1, 7, 31]) {
      const b = (a + step) % rows
      let sum = 0
      for (let i = 0; i < cols; i++) sum += ((data[a * cols + i] ?? 0) - (data[b * cols + i] ?? 0)) ** 2
      if (sum > 0) distances.push(sum)
    }
  }
  return Float64Array.from(distances).toSorted()
}
