/**
 * The orthonormal two-dimensional type-II discrete cosine transform of an image, row by row (Ahmed, Natarajan & Rao 1974,
 * "Discrete cosine transform", IEEE Transactions on Computers C-23): element (u, v) is
 * c(u) c(v) Σ x(i, j) cos(π (2i + 1) u / 2R) cos(π (2j + 1) v / 2C), c(0) = √(1/n) and √(2/n) elsewhere. `out` may be
 * given to be written to; it must not be `image`.
 */
export function discreteCosineTransform(
  image: Float64Array,
  rows: number,
  cols: number,
  out: Float64Array = new Float64Array(rows * cols),
): Float64Array {
  if (halfway.length < rows * cols) halfway = new Float64Array(rows * cols)
  const across = basisOf(cols)
  for (let row = 0; row < rows; row++) transformLine(image, row * cols, 1, cols, across, halfway)
  const down = basisOf(rows)
  for (let col = 0; col < cols; col++) transformLine(halfway, col, cols, rows, down, out)
  return out
}

let halfway = new Float64Array(0) // transformed along rows
let sums = new Float64Array(0)
let differences = new Float64Array(0)

/**
 * One row or column, written to the same places of `out`. Basis functions of even frequency are symmetric and those of
 * odd frequency antisymmetric, so half of the products do; two of each are summed at a time.
 */
function transformLine(
  from: Float64Array,
  start: number,
  step: number,
  n: number,
  basis: Float64Array,
  out: Float64Array,
): void {
  const half = (n + 1) >> 1
  if (sums.length < half) [sums, differences] = [new Float64Array(half), new Float64Array(half)]
  let any = 0
  for (let j = 0; j < half; j++) {
    const one = from[start + j * step] ?? 0
    const other = 2 * j + 1 === n ? 0 : (from[start + (n - 1 - j) * step] ?? 0)
    sums[j] = one + other
    differences[j] = one - other
    any = one !== 0 || other !== 0 ? 1 : any
  }
  if (any === 0) {
    for (let u = 0; u < n; u++) out[start + u * step] = 0
    return
  }
  for (let u = 0; u < n; u += 4) {
    const at = u * half
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let j = 0; j < half; j++) {
      const even = sums[j] ?? 0
      const odd = differences[j] ?? 0
      a += even * (basis[at + j] ?? 0)
      b += odd * (basis[at + half + j] ?? 0)
      c += even * (basis[at + 2 * half + j] ?? 0)
      d += odd * (basis[at + 3 * half + j] ?? 0)
    }
    out[start + u * step] = a
    if (u + 1 < n) out[start + (u + 1) * step] = b
    if (u + 2 < n) out[start + (u + 2) * step] = c
    if (u + 3 < n) out[start + (u + 3) * step] = d
  }
}

const bases = new Map<number, Float64Array>() // of the lengths used last
const mostBases = 8

/** The first half of each basis function, one after another, filled up with zeros to a multiple of four of them. */
function basisOf(n: number): Float64Array {
  const known = bases.get(n)
  if (known !== undefined) return known
  const half = (n + 1) >> 1
  const basis = new Float64Array(half * Math.ceil(n / 4) * 4)
  for (let u = 0; u < n; u++) {
    const scale = Math.sqrt((u === 0 ? 1 : 2) / n)
    for (let j = 0; j < half; j++) basis[u * half + j] = scale * Math.cos((Math.PI * (2 * j + 1) * u) / (2 * n))
  }
  if (bases.size >= mostBases) bases.clear()
  bases.set(n, basis)
  return basis
}
