import { arrayOf, pack, unpack } from '../core/codec.ts'
import { TasterError } from '../core/errors.ts'
import type { Opened } from './desk.ts'
import type { Judge } from './judge.ts'
import { createSeen, type Rules, type Seen } from './verify.ts'

/** What a line learns along its stream: the judge's evidence and, where ids must be unique, the ids that came. */
export interface Learning {
  readonly judge: Judge
  readonly seen: Seen
  /** All of it, after the batches that were taken in so far. */
  readonly snapshot: () => Promise<Uint8Array>
}

/**
 * Starts with nothing learnt, or goes on from a snapshot. Repeated ids are counted where the rules ask for unique ones,
 * and where `countRepeated` does. Throws STATE_BROKEN where the snapshot is damaged or of another baseline.
 */
export async function startLearning(
  opened: Pick<Opened, 'start'>,
  { uniqueIds = false }: Rules,
  { snapshot, countRepeated = false }: { readonly snapshot?: Uint8Array; readonly countRepeated?: boolean } = {},
): Promise<Learning> {
  const before = snapshot === undefined ? undefined : read(snapshot)
  const judge = await opened.start(before?.judge)
  const seen = uniqueIds || countRepeated ? createSeen(undefined, uniqueIds ? before?.ids : undefined) : forgetful
  return {
    judge,
    seen,
    async snapshot() {
      // Ids are taken now: the batches that follow add theirs while the judge is still at work.
      const ids = uniqueIds ? seen.snapshot() : new Uint8Array()
      return pack({ json: null, arrays: { judge: await judge.snapshot(), ids } })
    },
  }
}

/** Two sets of a million hashes are worth their memory only to those who ask. */
const forgetful: Seen = { add: () => false, snapshot: () => new Uint8Array() }

function read(snapshot: Uint8Array): { readonly judge: Uint8Array; readonly ids: Uint8Array } {
  try {
    const unpacked = unpack(snapshot)
    return { judge: arrayOf(unpacked, 'judge', 'Uint8Array'), ids: arrayOf(unpacked, 'ids', 'Uint8Array') }
  } catch (error) {
    throw new TasterError(
      'STATE_BROKEN',
      'The stored evidence is damaged. Start once with --rebuild-evidence: it judges again what the input topic still holds',
      { cause: error },
    )
  }
}
