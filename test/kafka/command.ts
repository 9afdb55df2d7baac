import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { start, taster, type Ended, type Running } from '../integration/taster.ts'

/** Runs a command against the shared broker, or another one, to its end. */
export function command(args: readonly string[], brokers: string = inject('brokers')): Promise<Ended> {
  return taster(args, '/', { KAFKA_BROKERS: brokers })
}

/** Starts a command, and resolves with it once what it writes to stderr has matched. Rejects where it ends before. */
export async function startCommand(
  args: readonly string[],
  until: RegExp,
  brokers: string = inject('brokers'),
): Promise<Running> {
  const child = start(args, '/', { KAFKA_BROKERS: brokers })
  let err = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: string) => {
      err += text
      if (until.test(err)) resolve()
    })
    void child.ended.then(({ code }) => reject(new Error(`it ended with ${code}: ${err}`)))
  })
  return child
}

export function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'taster-test-')), name)
  writeFileSync(path, content)
  return path
}
