/**
 * The orthonormal two-dimensional type-II discrete cosine transform of an image, row by row (Ahmed, Natarajan & Rao 1974,
 * "Discrete cosine transform", IEEE Transactions on Computers C-23): element (u, v) is
 * c(u) c(v) Σ x(i, j) cos(π (2i + 1) u / 2R) cos(π (2j + 1) v / 2C), c(0) = √(1/n) and √(2/n) elsewhere. `out` may be
 * given to be written to; it must not be `image`.
 */
export function discreteCosineTransform(
  image: ArrayLike<number>,
  rows: number,
  cols: number,
  out: Float64Array = new Float64Array(rows * cols),
): Float64Array {
  const across = basisOf(cols)
  const down = basisOf(rows)
  if (halfway.length < rows * cols) halfway = new Float64Array(rows * cols)
  for (let row = 0; row < rows; row++) {
    for (let v = 0; v < cols; v++) {
      let sum = 0
      for (let j = 0; j < cols; j++) sum += (image[row * cols + j] ?? 0) * (across[v * cols + j] ?? 0)
      halfway[v * rows + row] = sum
    }
  }
  for (let u = 0; u < rows; u++) {
    for (let v = 0; v < cols; v++) {
      let sum = 0
      for (let i = 0; i < rows; i++) sum += (halfway[v * rows + i] ?? 0) * (down[u * rows + i] ?? 0)
      out[u * cols + v] = sum
    }
  }
  return out
}

let halfway = new Float64Array(0) // transformed along rows, column by column
const bases = new Map<number, Float64Array>() // of the lengths used last
const mostBases = 8

/** n × n, one frequency a row. */
function basisOf(n: number): Float64Array {
  const known = bases.get(n)
  if (known !== undefined) return known
  const basis = Float64Array.from({ length: n * n }, (_, at) => {
    const frequency = Math.floor(at / n)
    return Math.sqrt((frequency === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (2 * (at % n) + 1) * frequency) / (2 * n))
  })
  if (bases.size >= mostBases) bases.clear()
  bases.set(n, basis)
  return basis
}
