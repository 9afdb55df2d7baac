import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { TasterError } from '../src/core/errors.ts'
import type { Matrix } from '../src/core/matrix.ts'
import { sharedFile } from './locate.ts'

/** The 10,000 test digits of MNIST, what a network trained without them makes of them, and what people do. */
export interface LabelErrors {
  readonly given: Int32Array // labels 0 … 9 as published
  readonly probabilities: Matrix<Float64Array> // out-of-sample, rows × 10
  /** 1 where fewer than 3 of 5 raters chose the given label, of 100 digits that they were shown. */
  readonly wrong: Uint8Array
}

const votes = z.array(z.object({ id: z.int().min(0), mturk: z.object({ given: z.int().min(0) }) }))

/**
 * Northcutt, Athalye, Mueller 2021, "Pervasive label errors in test sets destabilize machine learning benchmarks".
 * Undefined, saying so, where the files are not there.
 */
export async function loadLabelErrors(): Promise<LabelErrors | undefined> {
  const [givenFile, probabilityFile, votesFile] = ['given.npy', 'pyx.npy', 'mturk.json'].map((name) =>
    sharedFile(`label_errors/mnist.${name}`),
  )
  if (givenFile === undefined || probabilityFile === undefined || votesFile === undefined) return undefined
  const given = Int32Array.from(new Uint16Array(npy(await readFile(givenFile), "'<u2'")))
  const data = new Float64Array(npy(await readFile(probabilityFile), "'<f8'"))
  const wrong = new Uint8Array(given.length)
  for (const { id, mturk } of votes.parse(JSON.parse(await readFile(votesFile, 'utf8')))) {
    if (mturk.given < 3) wrong[id] = 1
  }
  return { given, probabilities: { rows: given.length, cols: data.length / given.length, data }, wrong }
}

/** The numbers of an .npy file of version 1 (NumPy enhancement proposal 1), row-major, of the type named. */
function npy(bytes: Buffer, type: string): ArrayBuffer {
  const start = 10 + bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, start)
  if (!bytes.toString('latin1', 1, 6).startsWith('NUMPY') || !header.includes(type) || header.includes('True'))
    throw new TasterError('BYTES_MALFORMED', `not an .npy file of ${type} in row-major order`)
  return Uint8Array.from(bytes.subarray(start)).buffer
}
