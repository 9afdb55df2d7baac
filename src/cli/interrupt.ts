import { fstatSync, statSync } from 'node:fs'
import { devNull } from 'node:os'
import { PassThrough, type Readable } from 'node:stream'
import { TasterError } from '../core/errors.ts'

const codes = { SIGINT: 130, SIGTERM: 143 } as const

export interface Interrupt {
  readonly signal: AbortSignal
  /** 128 + the signal's number once one came. */
  exitCode(): number | undefined
  close(): void
}

/** Turns the first SIGINT or SIGTERM into an abort, so that the batch in hand is finished; a second one ends at once. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController()
  let code: number | undefined
  const handle = (name: keyof typeof codes) => {
    if (code !== undefined) process.exit(codes[name])
    code = codes[name]
    controller.abort()
  }
  const onInt = () => handle('SIGINT')
  const onTerm = () => handle('SIGTERM')
  process.on('SIGINT', onInt)
  process.on('SIGTERM', onTerm)
  return {
    signal: controller.signal,
    exitCode: () => code,
    close() {
      process.off('SIGINT', onInt)
      process.off('SIGTERM', onTerm)
    },
  }
}

/**
 * Throws where standard input is nothing that can be read. Node.js reads folders and other odd things as empty, and opens
 * the null device in place of an input that is closed.
 */
export function mustHaveInput(): void {
  const given = fstatSync(0)
  const none = statSync(devNull, { throwIfNoEntry: false })
  const isNone = given.isCharacterDevice() && none !== undefined && given.rdev === none.rdev
  const isData = given.isFile() || given.isFIFO() || given.isSocket() || given.isCharacterDevice()
  if (isData && !isNone) return
  const what = isNone ? 'is closed, or the null device' : 'is a folder or another thing without data'
  throw new TasterError('INPUT_NOT_FOUND', `Standard input ${what}. Pipe data into it.`)
}

/** A stream that ends where an interrupt comes: what was read until then can still be finished. */
export function untilInterrupted(stream: Readable, signal: AbortSignal): Readable {
  const through = new PassThrough()
  stream.pipe(through)
  stream.on('error', (error) =>
    through.destroy(
      new TasterError('INPUT_UNSUPPORTED', `Standard input cannot be read: ${error.message}. Pipe data into it.`, {
        cause: error,
      }),
    ),
  )
  signal.addEventListener('abort', () => {
    stream.unpipe(through)
    stream.destroy()
    through.end()
  })
  return through
}
