import * as tf from '@tensorflow/tfjs-core'
import { TasterError } from '../core/errors.ts'
import type { Matrix } from '../core/matrix.ts'
import { startBackend } from './backend.ts'
import { valuesOf } from './values-of.ts'

/** Rows sent over at once: bounds what the device holds beside `b`. */
const chunk = 2048

/**
 * The product a·b in float32, rows(a) × cols(b). Neither side can be asked for transposed: the wasm backend has a fast
 * product only for plain operands (measured 14 times faster), so callers lay matrices out as they multiply them.
 * Centre and scale data in float64 before it comes here.
 */
export async function matMul(a: Matrix, b: Matrix): Promise<Matrix> {
  await startBackend()
  return multiply(a, b)
}

/** `matMul` for those who cannot wait: on the backend that was started, or plain JavaScript where none was. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.cols !== b.rows) {
    throw new TasterError('INVARIANT_BROKEN', `cannot multiply ${a.rows}×${a.cols} by ${b.rows}×${b.cols}`)
  }
  const data = new Float32Array(a.rows * b.cols)
  if (data.length === 0 || a.cols === 0) return { rows: a.rows, cols: b.cols, data }

  const right = tf.tensor2d(b.data, [b.rows, b.cols], 'float32')
  try {
    for (let from = 0; from < a.rows; from += chunk) {
      const rows = Math.min(chunk, a.rows - from)
      const left = tf.tensor2d(a.data.subarray(from * a.cols, (from + rows) * a.cols), [rows, a.cols], 'float32')
      const product = tf.matMul(left, right)
      data.set(valuesOf(product), from * b.cols)
      tf.dispose([left, product])
    }
  } finally {
    right.dispose()
  }
  return { rows: a.rows, cols: b.cols, data }
}
