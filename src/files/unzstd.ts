import { createReadStream } from 'node:fs'
import { Decompress } from 'fzstd'
import { Damage, damaged } from './damage.ts'
import { xxh64 } from './xxh64.ts'
import { zstdFrames } from './zstd-frames.ts'

/** What is read differs from what was written: nothing of the file can be trusted. */
class ChecksumDamage extends Damage {}

/**
 * Frames of zstd, one after another. With a `path`, the file is first read once in full and held against the checksums
 * of its frames: where one differs, none of the file is given. Throws Damage.
 */
export async function* unzstd(from: AsyncIterable<Uint8Array>, path: string | undefined): AsyncGenerator<Uint8Array> {
  if (path !== undefined) await verify(path)
  yield* contents(from, path === undefined)
}

/** The reader checks no checksum, so this does. Other damage is left to be found when the file is read. */
async function verify(path: string): Promise<void> {
  try {
    for await (const _ of contents(createReadStream(path, { highWaterMark: 256 * 1024 }), true));
  } catch (error) {
    if (error instanceof ChecksumDamage || !(error instanceof Damage)) throw error
  }
}

async function* contents(from: AsyncIterable<Uint8Array>, check: boolean): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = []
  const frames = zstdFrames()
  let hash = xxh64()
  let checksum = Buffer.alloc(0)
  const frame = () =>
    new Decompress((chunk) => {
      if (chunk.length > 0) out.push(chunk)
    })
  let zstd = frame()
  const step = (work: () => void): Damage | undefined => {
    try {
      work()
      return undefined
    } catch (error) {
      return error instanceof Damage ? error : damaged('zstd', error)
    }
  }
  const take = (): Uint8Array[] => {
    const taken = out
    out = []
    if (check) for (const bytes of taken) hash.update(bytes)
    return taken
  }
  let any = false
  for await (const chunk of from)
    for (let at = 0; at < chunk.length; at += 4 * 1024) {
      any = true
      const pieces = frames.push(chunk.subarray(at, at + 4 * 1024))
      for (const { kind, bytes } of pieces) {
        // fzstd may keep what it is given, so each part is a copy of its own.
        const failure = step(() => {
          if (kind === 'data') zstd.push(bytes.slice(), false)
          if (kind === 'checksum') checksum = Buffer.concat([checksum, bytes])
        })
        yield* take()
        if (failure !== undefined) throw failure
        if (kind !== 'end') continue
        if (check && checksum.length === 4 && checksum.readUInt32LE() !== hash.low32())
          throw new ChecksumDamage('the zstd data is damaged: its checksum does not match')
        zstd = frame()
        hash = xxh64()
        checksum = Buffer.alloc(0)
      }
      const fault = frames.fault()
      if (fault !== undefined) throw damaged('zstd', fault)
    }
  if (!any) throw damaged('zstd', 'the file is empty')
  if (frames.inside()) throw damaged('zstd', 'it ends in the middle')
}
