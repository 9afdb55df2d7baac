import * as tf from '@tensorflow/tfjs-core'

interface Heap {
  typedArrayFromHeap(of: tf.Tensor): Float32Array
}

/**
 * The numbers of a float32 tensor, to be read before anything else is computed and before it is disposed of: where the
 * backend is wasm they are a view of its memory. A copy of some megabytes for each batch costs less to make than to
 * collect.
 */
export function valuesOf(tensor: tf.Tensor): Float32Array {
  const backend: object = tf.backend()
  if ('typedArrayFromHeap' in backend) return (backend as Heap).typedArrayFromHeap(tensor)
  return tensor.dataSync<'float32'>()
}
