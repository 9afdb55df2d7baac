import type { Message } from '../core/message.ts'
import type { Messages } from '../engine/decode/recognise.ts'
import { rowsIn } from '../engine/decode/rows-in.ts'

export interface BatchRules {
  readonly records: number // single-record messages that get one verdict together
  readonly bytes: number // a batch closes early rather than exceed this by more than one message
  readonly messages?: Messages | undefined // what is known of messages that do not say what they hold
  readonly lingerMs: number // how long a batch that is not full waits once its partition has been read to the end
}

export interface Batches {
  add(messages: readonly Message[]): void
  /** The next batch that is full; where the partition has been read to its end, also one that has waited long enough. */
  take(caughtUp: boolean): readonly Message[] | null
  /** What is left, full or not. */
  rest(): readonly Message[] | null
  /** The first message that no batch has taken. */
  first(): Message | undefined
}

/** Bytes of a message as they count against limits. */
export function bytesOf({ key, value, headers }: Pick<Message, 'key' | 'value' | 'headers'>): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, header] of headers) bytes += name.length + (header?.length ?? 0)
  return bytes
}

/**
 * Groups the messages of one partition into batches. While more can be read only count and bytes close a batch, never
 * the clock: so a stretch of the topic that is read again after a crash gives the same batches.
 */
export function openBatches(
  { records, bytes, lingerMs, messages: told = {} }: BatchRules,
  now: () => number = Date.now,
): Batches {
  let waiting: Message[] = []
  let at = 0 // what of `waiting` is still to be taken begins here
  let since = 0 // when the first of them came
  let looked = 0 // messages from `at` on that were looked at: all of one record, and not enough for a batch
  let lookedBytes = 0

  const cut = (count: number): readonly Message[] => {
    const batch = waiting.slice(at, at + count)
    at += count
    if (at === waiting.length) {
      waiting = []
      at = 0
    }
    looked = lookedBytes = 0
    since = now()
    return batch
  }

  /** How many messages the next full batch has; 0 where it is not full yet. */
  const full = (): number => {
    for (let message = waiting[at + looked]; message !== undefined; message = waiting[at + looked]) {
      // A message of many rows gets a verdict of its own, after what stands before it.
      if (rowsIn(message, told) === 'many') return Math.max(1, looked)
      looked++
      lookedBytes += bytesOf(message)
      if (looked >= records || lookedBytes >= bytes) return looked
    }
    return 0
  }

  return {
    add(messages) {
      if (at === waiting.length) since = now()
      if (at > 0) {
        waiting = waiting.slice(at)
        at = 0
      }
      for (const message of messages) waiting.push(message)
    },
    take(caughtUp) {
      const count = full()
      if (count > 0) return cut(count)
      const over = caughtUp && at < waiting.length && now() - since >= lingerMs
      return over ? cut(waiting.length - at) : null
    },
    rest: () => (at < waiting.length ? cut(full() || waiting.length - at) : null),
    first: () => waiting[at],
  }
}
