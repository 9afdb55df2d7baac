import type { Delivery, Outcome, Source } from '../../src/core/line.ts'
import type { Message } from '../../src/core/message.ts'
import type { Decision } from '../../src/core/verdict.ts'

/** One partition and what was committed of it, in memory. */
export interface MemoryLog {
  readonly messages: Message[]
  readonly committed: Outcome[]
  next: number // committed offset
}

export function memoryLog(): MemoryLog {
  return { messages: [], committed: [], next: 0 }
}

export function append(log: MemoryLog, values: readonly string[]): void {
  for (const value of values) {
    const at = { topic: 'memory', partition: 0, offset: BigInt(log.messages.length) }
    const headers = [['content-type', Buffer.from('application/json')]] as const
    log.messages.push({ at, timestamp: log.messages.length, key: null, value: Buffer.from(value), headers })
  }
}

export interface MemoryOptions {
  readonly batch: number
  /** Is asked before a commit takes effect; what it throws fails the commit, and the source with it. */
  readonly beforeCommit?: (outcome: Outcome) => Promise<void>
  readonly wantsSnapshot?: (delivery: number) => boolean
}

/** A source from the committed offset on; it waits at the end of the log until it is closed. */
export function openMemory(log: MemoryLog, options: MemoryOptions): Source {
  const { batch, beforeCommit, wantsSnapshot } = options
  let queue: Promise<unknown> = Promise.resolve()
  let failure: { readonly error: unknown } | null = null
  let end = () => {}
  const closed = new Promise<void>((resolve) => (end = resolve))

  const deliver = (messages: readonly Message[], next: number, count: number): Delivery => ({
    messages,
    wantsSnapshot: wantsSnapshot?.(count) ?? false,
    commit(outcome) {
      const turn = queue.then(async () => {
        if (failure !== null) throw failure.error
        try {
          await beforeCommit?.(outcome)
        } catch (error) {
          failure = { error }
          end()
          throw error
        }
        log.committed.push({ ...outcome, batch: { ...outcome.batch, messages } })
        log.next = next
      })
      queue = turn.catch(() => {})
      return turn
    },
  })

  async function* deliveries(): AsyncGenerator<Delivery> {
    let count = 0
    for (let from = log.next; from < log.messages.length; from += batch) {
      if (failure !== null) throw failure.error
      const messages = log.messages.slice(from, from + batch)
      yield deliver(messages, from + messages.length, count++)
    }
    await closed
    if (failure !== null) throw (failure as { readonly error: unknown }).error
  }
  return { [Symbol.asyncIterator]: deliveries, close: async () => end() }
}

/** Values of the messages that went each way, in order. */
export function writtenTo(log: MemoryLog): { readonly [decision in Decision]: string[] } {
  const written: { [decision in Decision]: string[] } = { pass: [], quarantine: [], 'dead-letter': [] }
  for (const { batch, verdict } of log.committed)
    for (const { message, decision } of verdict.rulings)
      written[decision].push(Buffer.from(batch.messages[message]?.value ?? []).toString())
  return written
}
