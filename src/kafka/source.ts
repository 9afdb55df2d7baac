import type { Delivery, Source } from '../core/line.ts'
import type { Message } from '../core/message.ts'
import type { Notify } from '../core/notice.ts'
import { bytesOf, openBatches, type BatchRules } from './batches.ts'
import type { Journal, Waiting } from './journal.ts'
import type { Lag } from './lag.ts'
import type { Reader } from './reader.ts'

export interface SourceOptions {
  readonly partition: number
  readonly from: bigint // offset to read from
  readonly rules: BatchRules
  /** Bytes that may be read and not committed yet. */
  readonly inFlightBytes: () => number
  readonly lag: Lag
  readonly notify: Notify
}

export interface PartitionSource extends Source {
  /**
   * Stores what was learnt up to what is committed, unless batches are under way. `snapshot` has to be taken at once, before
   * the next batch is judged.
   */
  store(snapshot: () => Promise<Uint8Array>): Promise<void>
}

interface Pending extends Waiting {
  readonly bytes: number
  readonly since: number // performance.now() when it was delivered
  readonly judged: number // and when its outcome came
  readonly done: () => void
  readonly fail: (error: unknown) => void
}

// One transaction takes all outcomes that wait when the last has ended, up to these.
const transactionMessages = 1000
const transactionBytes = 8 * 2 ** 20
const transactionBatches = 32 // below what `run` lets wait, or it would wait for us and we for it
// A transaction costs the brokers and us some milliseconds of computing, whatever is in it. So while more batches are
// being judged the outcomes that are there wait for them, as long as this.
const longestWaitMs = 250

/**
 * One partition as a source. It is read ahead while batches are judged; outcomes are committed in order, several in one
 * transaction: each at once while the line keeps up, as many as fit where it does not. After a failure it ends, and is
 * opened anew.
 */
export function openSource(reader: Reader, journal: Journal, options: SourceOptions): PartitionSource {
  const { partition, rules, inFlightBytes, lag, notify } = options
  const batches = openBatches(rules)
  let position = options.from // to be fetched next
  let end = options.from // of what could be read at the last fetch
  let committed = options.from
  let held = 0 // bytes that are read and not committed
  let delivered = 0 // of these, bytes that were delivered
  let underWay = 0 // batches that were delivered and have no outcome yet
  let pending: Pending[] = []
  let timer: NodeJS.Timeout | undefined
  let writing = false
  let failure: { readonly error: unknown } | null = null
  let closed = false
  let wake = () => {}
  let leave = () => {} // what is being fetched

  const fail = (error: unknown) => {
    failure ??= { error }
    clearTimeout(timer)
    timer = undefined
    const waiting = pending
    pending = []
    for (const each of waiting) each.fail(error)
    wake()
  }

  /** How many of the outcomes that wait the next transaction takes, and whether it can take no more. */
  const group = (): { readonly count: number; readonly full: boolean } => {
    let messages = 0
    let bytes = 0
    for (const [count, each] of pending.entries()) {
      messages += each.messages.length
      bytes += each.bytes
      if (count > 0 && (messages > transactionMessages || bytes > transactionBytes)) return { count, full: true }
      const full = messages >= transactionMessages || bytes >= transactionBytes || count + 1 >= transactionBatches
      // A snapshot says what was learnt up to here.
      if (full || each.outcome.snapshot !== null) return { count: count + 1, full: true }
    }
    return { count: pending.length, full: false }
  }

  /** Begins a transaction, unless one is open or more outcomes are worth waiting for. */
  const advance = () => {
    const [first] = pending
    if (writing || first === undefined || failure !== null) return
    const { count, full } = group()
    const left = longestWaitMs - (performance.now() - first.judged)
    if (!full && underWay > 0 && left > 0 && !closed) {
      timer ??= setTimeout(() => {
        timer = undefined
        advance()
      }, left)
      return
    }
    clearTimeout(timer)
    timer = undefined
    const outcomes = pending.slice(0, count)
    pending = pending.slice(count)
    writing = true
    void write(outcomes).then(() => {
      writing = false
      advance()
    })
  }

  const write = async (outcomes: readonly Pending[]) => {
    const started = performance.now()
    try {
      await journal.write(outcomes)
    } catch (error) {
      for (const each of outcomes) each.fail(error)
      fail(error)
      return
    }
    const ended = performance.now()
    notify({ kind: 'stage', partition, stage: 'transaction', seconds: (ended - started) / 1000 })
    for (const each of outcomes) {
      held -= each.bytes
      delivered -= each.bytes
      committed = each.next
    }
    lag.reached(committed)
    notify({
      kind: 'committed',
      partition,
      outcomes: outcomes.map(({ outcome }) => outcome),
      seconds: outcomes.map(({ since }) => (ended - since) / 1000),
      next: committed,
    })
    for (const each of outcomes) each.done()
    wake()
  }

  const deliver = (messages: readonly Message[]): Delivery => {
    const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0)
    const next = batches.first()?.at.offset ?? position
    const since = performance.now()
    delivered += bytes
    underWay++
    return {
      messages,
      wantsSnapshot: journal.wantsSnapshot(messages.length, bytes),
      commit: (outcome) =>
        new Promise((done, reject) => {
          underWay--
          if (failure !== null) {
            reject(failure.error)
            return
          }
          pending.push({ messages, next, outcome, bytes, since, judged: performance.now(), done, fail: reject })
          advance()
        }),
    }
  }

  const fetch = async () => {
    const started = performance.now()
    const fetched = await reader.fetch(position)
    notify({ kind: 'stage', partition, stage: 'fetch', seconds: (performance.now() - started) / 1000 })
    return fetched
  }

  /** What is fetched, or null once the source is closed: a broker that does not answer is not waited for then. */
  const unlessClosed = <T>(fetching: Promise<T>): Promise<T | null> =>
    new Promise((resolve, reject) => {
      leave = () => resolve(null)
      fetching.then(resolve, reject)
    })

  // What waits to fill a batch never keeps the rest of that batch from being read.
  const hasRoom = () => held < inFlightBytes() || delivered === 0

  async function* deliveries(): AsyncGenerator<Delivery> {
    let ahead: ReturnType<typeof fetch> | null = null
    while (!closed) {
      if (failure !== null) throw failure.error
      const batch = batches.take(position >= end)
      if (batch !== null) {
        yield deliver(batch)
        continue
      }
      if (ahead === null && !hasRoom()) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      const fetched = await unlessClosed(ahead ?? fetch())
      ahead = null
      if (fetched === null) break
      position = fetched.next
      end = fetched.end
      lag.ends(end)
      if (held === 0 && fetched.messages.length === 0) lag.reached(position) // control records need no commit
      held += fetched.messages.reduce((sum, message) => sum + bytesOf(message), 0)
      batches.add(fetched.messages)
      if (position < end && hasRoom()) {
        ahead = fetch()
        ahead.catch(() => {}) // is seen where it is awaited
      }
    }
    if (failure !== null) throw failure.error
  }

  return {
    [Symbol.asyncIterator]: deliveries,
    async store(snapshot) {
      if (writing || pending.length > 0 || underWay > 0 || failure !== null) return
      writing = true
      try {
        await journal.begin(committed, await snapshot())
      } catch (error) {
        fail(error)
        throw error
      } finally {
        writing = false
        advance()
      }
    },
    async close() {
      closed = true
      leave()
      wake()
      advance()
    },
  }
}
