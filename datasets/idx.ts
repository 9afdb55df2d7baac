import { TasterError } from '../src/core/errors.ts'

/** Unsigned bytes of an IDX file (the format of the MNIST files, http://yann.lecun.com/exdb/mnist/), with its shape. */
export interface Idx {
  readonly shape: readonly number[]
  readonly data: Uint8Array // row-major
}

const UNSIGNED_BYTE = 0x08

/** Throws BYTES_MALFORMED where the bytes are not an IDX file of unsigned bytes. */
export function readIdx(bytes: Uint8Array): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint16(0) !== 0 || view.getUint8(2) !== UNSIGNED_BYTE)
    throw new TasterError('BYTES_MALFORMED', 'not an IDX file of unsigned bytes: it must begin with 00 00 08')
  const dimensions = view.getUint8(3)
  const start = 4 + 4 * dimensions
  if (bytes.length < start) throw new TasterError('BYTES_MALFORMED', 'the IDX file ends within its header')
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i))
  const size = shape.reduce((product, length) => product * length, 1)
  if (bytes.length - start !== size)
    throw new TasterError(
      'BYTES_MALFORMED',
      `an IDX file of shape ${shape.join(' × ')} holds ${size} bytes after its header, this one ${bytes.length - start}`,
    )
  return { shape, data: bytes.subarray(start) }
}
