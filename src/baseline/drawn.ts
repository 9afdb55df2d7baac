import { select, type Records } from '../core/batch.ts'
import { selectFeatures, type Encoded } from '../core/encoded.ts'
import { rowOf, selectRows, type Matrix } from '../core/matrix.ts'

/** An affine map of vectors: scale · v + shift. */
export interface Recentring {
  readonly scale: number
  readonly shift: Float64Array
}

/**
 * Rows of encoded records, drawn with repetition, as a batch of their own. What a detector does not look at is never
 * copied: a null takes thousands of these, and most statistics look at vectors and labels alone.
 */
export function drawn(encoded: Encoded, rows: Int32Array, recentring?: Recentring): Encoded {
  const once = <T>(make: () => T) => {
    let made: T | undefined
    return () => (made ??= make())
  }
  const id = once(() => Array.from(rows, (row) => encoded.records.id[row] ?? ''))
  const selected = once(() => select(encoded.records, rows))
  const records: Records = {
    get id() {
      return id() // most often it is only counted
    },
    get source() {
      return selected().source
    },
    get label() {
      return selected().label
    },
    get at() {
      return selected().at
    },
    get content() {
      return selected().content
    },
  }
  const vectors = once(() => recentred(encoded.vectors, rows, recentring))
  const features = once(() => selectFeatures(encoded.features, rows))
  const label = once(() => rows.map((row) => encoded.label[row] ?? -1))
  const probabilities = once((): Matrix<Float64Array> => {
    const { cols } = encoded.probabilities
    const data = new Float64Array(rows.length * cols)
    rows.forEach((row, i) => data.set(rowOf(encoded.probabilities, row), i * cols))
    return { rows: rows.length, cols, data }
  })
  const nearest = once(() => {
    const k = encoded.label.length === 0 ? 0 : encoded.nearest.length / encoded.label.length
    const indices = new Int32Array(rows.length * k)
    rows.forEach((row, i) => indices.set(encoded.nearest.subarray(row * k, (row + 1) * k), i * k))
    return indices
  })
  return {
    labels: encoded.labels,
    nameOf: (row, feature) => encoded.nameOf(rows[row] ?? 0, feature),
    records,
    get vectors() {
      return vectors()
    },
    get features() {
      return features()
    },
    get label() {
      return label()
    },
    get probabilities() {
      return probabilities()
    },
    get nearest() {
      return nearest()
    },
  }
}

function recentred(vectors: Matrix, rows: Int32Array, recentring: Recentring | undefined): Matrix {
  if (recentring === undefined) return selectRows(vectors, rows)
  const { scale, shift } = recentring
  const { cols, data } = vectors
  const moved = new Float32Array(rows.length * cols)
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] ?? 0) * cols
    const to = i * cols
    for (let j = 0; j < cols; j++) moved[to + j] = scale * (data[from + j] ?? 0) + (shift[j] ?? 0)
  }
  return { rows: rows.length, cols, data: moved }
}

/** The mean of the named rows in float64; zeros for no rows. */
export function meanOf(vectors: Matrix, rows: ArrayLike<number>): Float64Array {
  const { cols, data } = vectors
  const sum = new Float64Array(cols)
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] ?? 0) * cols
    for (let j = 0; j < cols; j++) sum[j] = (sum[j] ?? 0) + (data[from + j] ?? 0)
  }
  return rows.length === 0 ? sum : sum.map((value) => value / rows.length)
}
