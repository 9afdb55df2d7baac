import { readFileSync } from 'node:fs'
import { TasterError } from '../core/errors.ts'
import type { Environment } from './brokers.ts'

const shortest = 16 // bytes: what is shorter could be guessed

/**
 * The key that decides when which poisons are tried, from TASTER_CANARY_KEY or the file that TASTER_CANARY_KEY_FILE
 * names; undefined where neither is set, so that one is drawn. Throws CONFIG_INVALID, and never says what the key is.
 */
export function canaryKey(env: Environment): Uint8Array | undefined {
  const given = (name: string) => (env[name] === '' ? undefined : env[name])
  const [key, file] = [given('TASTER_CANARY_KEY'), given('TASTER_CANARY_KEY_FILE')]
  const where = key === undefined ? 'TASTER_CANARY_KEY_FILE' : 'TASTER_CANARY_KEY'
  const invalid = (message: string, remedy: string, cause?: unknown) =>
    new TasterError('CONFIG_INVALID', 'There is no key to draw poisons with', {
      problems: [{ where, message, remedy }],
      cause,
    })
  if (key === undefined && file === undefined) return undefined
  if (key !== undefined && file !== undefined) throw invalid('TASTER_CANARY_KEY_FILE is set, too', 'set one of the two')
  let bytes: Uint8Array
  try {
    bytes = Buffer.from(key ?? readFileSync(file ?? '', 'utf8').trim())
  } catch (error) {
    throw invalid('the file cannot be read', 'name a file that this user may read', error)
  }
  if (bytes.length < shortest)
    throw invalid(`it has ${bytes.length} bytes, which could be guessed`, `give ${shortest} random bytes or more`)
  return bytes
}
