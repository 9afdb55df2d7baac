import type { Opened } from '../engine/desk.ts'
import { run, type Streak } from '../engine/line.ts'
import type { Context } from './context.ts'
import type { Lag } from './lag.ts'
import { openReader, type Reader } from './reader.ts'
import { openSource } from './source.ts'
import { takeOver } from './takeover.ts'
import { openTransactor } from './transactor.ts'
import { within } from './within.ts'

// Where nothing comes any more, what came last must not have to be judged again once it is deleted.
const storeEveryMs = 60_000
const oldestSnapshotMs = 600_000
const closingMs = 10_000

export interface Attempt {
  readonly rebuild: boolean // evidence that cannot be used is made anew
  readonly deadly: Set<bigint> // offsets of batches that ended their judge when evidence was made anew
  readonly streak: Streak
  readonly lag: Lag
  readonly requestBytes: number // of messages, in one request to the brokers
  readonly signal: AbortSignal
  readonly opened: () => void // the evidence is there
  readonly progressed: () => void // a transaction was committed
}

/** Takes a partition over, restores its evidence, and judges until it fails or `signal` aborts. */
export async function runSession(
  context: Context,
  partition: number,
  { rebuild, deadly, streak, lag, requestBytes, signal, opened, progressed }: Attempt,
): Promise<void> {
  const { client, topics, setup, pipeline, baseline, notify } = context
  const { input, output } = pipeline
  const started = performance.now()
  const toClose: { close(): Promise<unknown> }[] = []
  const open = <T extends { close(): Promise<unknown> }>(it: T): T => {
    toClose.push(it)
    return it
  }
  // Whatever is started to judge by ends with the session, also where the evidence cannot be restored.
  const judges: Opened = { ...baseline, start: async (snapshot) => open(await baseline.start(snapshot)) }
  try {
    const transactor = open(
      await openTransactor(client, `${topics.group}.${topics.input}.${partition}`, output.compression, requestBytes),
    )
    const maxWaitMs = Math.min(250, Math.max(10, input.batch.lingerMs))
    const reader = open(await openReader(client, topics.input, partition, { maxWaitMs }))
    const rules = {
      records: input.batch.records,
      bytes: input.limits.batchBytes,
      lingerMs: input.batch.lingerMs,
      messages: setup.fields.messages,
    }

    const reread: Reader = {
      ...reader,
      async fetch(offset) {
        const fetched = await reader.fetch(offset)
        notify({ kind: 'restoring', partition, offset: fetched.next })
        return fetched
      },
    }
    const { journal, learning, remeasured, from } = await takeOver(context, partition, {
      baseline: judges,
      transactor,
      reader: reread,
      rules,
      rebuild,
      deadly,
      signal,
    })
    lag.ends((await reader.bounds()).end)
    lag.reached(from)
    opened()
    notify({ kind: 'opened', partition, offset: from, remeasured, seconds: (performance.now() - started) / 1000 })

    const source = open(
      openSource(reader, journal, {
        partition,
        from,
        rules,
        inFlightBytes: context.inFlightBytes,
        lag,
        notify(notice) {
          if (notice.kind === 'committed') progressed()
          notify(notice)
        },
      }),
    )
    const stop = () => void source.close()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const store = (olderThanMs: number) =>
      journal.isBehind(olderThanMs) ? source.store(() => learning.snapshot()) : Promise.resolve()
    const storing = setInterval(() => void store(oldestSnapshotMs).catch(() => {}), storeEveryMs) // the source ends with it
    try {
      await run(source, learning, setup, signal, {
        streak,
        uncommitted: 64,
        stage: (stage, seconds) => notify({ kind: 'stage', partition, stage, seconds }),
      })
      await store(0).catch(() => {}) // the next owner would judge again what this saves
      notify({ kind: 'closed', partition, reason: 'stopped' })
    } finally {
      clearInterval(storing)
      signal.removeEventListener('abort', stop)
    }
  } finally {
    // A broker that does not answer is not waited for.
    await within(closingMs, Promise.all(toClose.toReversed().map((it) => it.close().catch(() => {}))))
  }
}
