import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Encoded } from '../../src/core/encoded.ts'
import { peersFolder, pythonOf, run } from './environment.ts'

/** What a peer says of the records of a stream. */
export interface Scored {
  readonly peer: string
  readonly scores: Float64Array // larger is worse
  readonly flagged: Uint8Array | null // what it flags at its defaults; null where it only ranks
  readonly seconds: number
}

interface Answer {
  readonly peer: string
  readonly file: string
  readonly decides: boolean
  readonly seconds: number
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

/** Does something with a folder that is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'taster-peers-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The peers' scores on the very vectors and labels that Taster's detectors see. */
export function peerScores(
  { trusted, stream }: { readonly trusted: Encoded; readonly stream: Encoded },
  seed: number,
  note: (line: string) => void,
): Promise<Scored[]> {
  return inFolder(async (folder) => {
    const write = (name: string, view: ArrayBufferView | string) =>
      writeFile(join(folder, name), typeof view === 'string' ? view : bytesOf(view))
    await write('task.json', JSON.stringify({ dims: trusted.vectors.cols, seed }))
    await write('trusted.f32', Float32Array.from(trusted.vectors.data))
    await write('trusted-labels.i32', trusted.label)
    await write('stream.f32', Float32Array.from(stream.vectors.data))
    await write('stream-labels.i32', stream.label)
    const out = await run(await pythonOf('main', note), [join(peersFolder(), 'rank.py'), folder])
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer)
    return Promise.all(
      answers.map(async ({ peer, file, decides, seconds }) => {
        const scores = await readFile(join(folder, `${file}.f64`))
        return {
          peer,
          seconds,
          scores: new Float64Array(scores.buffer.slice(scores.byteOffset, scores.byteOffset + scores.byteLength)),
          flagged: decides ? Uint8Array.from(await readFile(join(folder, `${file}.u8`))) : null,
        }
      }),
    )
  })
}
