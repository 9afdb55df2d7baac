import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { TasterError } from '../core/errors.ts'
import type { Outcome } from '../core/line.ts'
import type { Decision, Ruling } from '../core/verdict.ts'
import { valueAt } from '../core/column.ts'
import type { Message } from '../core/message.ts'
import { layoutOf, type Layout } from './layout.ts'
import { openOutput, outputFailed, type Output } from './output.ts'
import { folderOf, prepare, publish, refuseOverlap } from './out-folder.ts'
import { sidecar } from './sidecar.ts'
import { attachmentOf, discard } from './spool.ts'
import type { RowWriter } from './row-writer.ts'
import { release } from './work-folder.ts'
import { openRowWriter } from './write-rows.ts'

export interface SinkOptions {
  readonly overwrite?: boolean // replace what Taster wrote there before
}

export interface Sink {
  readonly counts: { readonly [of in Decision]: number } // rows
  readonly spoolFolder: string
  readonly workFolder: string // what is put here under a name of the output is put in place with it
  /** Throws TasterError CONFIG_INVALID where output and input would mix. */
  refuseInputs(files: readonly string[], given: readonly string[]): void
  /** How rows of a topic are laid out; topics that are not declared get a layout by their messages' content type. */
  declare(topic: string, layout: Layout): void
  /** Writes the rows of a batch where its verdict sends them. Outcomes are written one after another. */
  write(outcome: Outcome): Promise<void>
  /** No more rows of the topic will come: its files are completed. */
  end(topic: string): Promise<void>
  /** Completes everything and puts it in place. Without it nothing is in place. */
  close(): Promise<void>
  /** Leaves the output folder as it was. */
  abandon(): Promise<void>
}

interface Outputs {
  readonly rows: RowWriter
  readonly reasons: Output | undefined // pass needs none
}

/**
 * Writes rows as they came to `<out>/clean`, `quarantine` and `dead-letter`, the reasons of what did not pass beside
 * them, and events to `events.ndjson`. Everything is made in a folder of its own inside `out` and put in place by
 * `close`, `clean` last: where `clean` stands, the rest does. Throws TasterError OUTPUT_FAILED where it cannot write.
 */
export async function openSink(out: string, options: SinkOptions = {}): Promise<Sink> {
  const made = prepare(out, options.overwrite ?? false)
  const spoolFolder = mkdtempSync(join(made, 'spool-'))
  const layouts = new Map<string, Layout>()
  const open = new Map<string, Map<Decision, Outputs>>()
  const counts = { pass: 0, quarantine: 0, 'dead-letter': 0 }
  const events = await openOutput(join(made, 'events.ndjson'), 'none')
  let queue: Promise<unknown> = Promise.resolve()

  /** One piece of work after another; after a failure nothing more is written. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work)
    queue = turn
    queue.catch(() => undefined)
    return turn
  }

  async function openOutputs(topic: string, decision: Decision, message: Message): Promise<Outputs> {
    const layout = layouts.get(topic) ?? layoutOf(message)
    const ofTopic = open.get(topic) ?? new Map<Decision, Outputs>()
    open.set(topic, ofTopic)
    const path = join(made, folderOf(decision), ...layout.name.split('/'))
    try {
      mkdirSync(join(path, '..'), { recursive: true })
    } catch (error) {
      throw outputFailed(path, error)
    }
    const rows = openRowWriter(path, layout)
    const reasons = decision === 'pass' ? undefined : await openOutput(sidecar(path, '.reasons.ndjson'), 'none')
    const created = { rows, reasons }
    ofTopic.set(decision, created)
    return created
  }

  async function write(outcome: Outcome): Promise<void> {
    const { batch, verdict } = outcome
    const { rulings } = verdict
    const recordAt = recordsByPlace(outcome)
    const touched = new Set<Outputs>()
    for (let at = 0; at < rulings.length;) {
      const index = rulings[at]?.message ?? 0
      const first = at
      while (rulings[at]?.message === index) at++
      const message = batch.messages[index]
      if (message === undefined)
        throw new TasterError('INVARIANT_BROKEN', `a ruling names message ${index} of ${batch.messages.length}`)
      for (let from = first; from < at;) {
        const decision = rulings[from]?.decision ?? 'dead-letter'
        let to = from + 1
        while (to < at && rulings[to]?.decision === decision) to++
        const { topic } = message.at
        const into = open.get(topic)?.get(decision) ?? (await openOutputs(topic, decision, message))
        touched.add(into)
        // Most rows go into a buffer at once, and are not worth a turn of the event loop each.
        const later = into.rows.write(message, from - first, to - first, at - first)
        if (later !== undefined) await later
        counts[decision] += to - from
        for (let i = from; i < to && into.reasons !== undefined; i++)
          into.reasons.append(jsonLine(reasonOf(message, rulings[i], recordAt, verdict.id)))
        from = to
      }
      const attachment = attachmentOf(message)
      if (attachment !== undefined) discard(attachment)
    }
    for (const event of outcome.events) events.append(jsonLine(event))
    for (const { rows, reasons } of touched) {
      await rows.flush()
      await reasons?.flush()
    }
    await events.flush()
  }

  /** Closes all files of a topic, whatever becomes of one of them. */
  async function end(topic: string): Promise<void> {
    const closing = [...(open.get(topic)?.values() ?? [])].flatMap(({ rows, reasons }) => [
      rows.close(),
      reasons?.close() ?? Promise.resolve(),
    ])
    open.delete(topic)
    const failed = (await Promise.allSettled(closing)).find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  return {
    counts,
    spoolFolder,
    workFolder: made,
    refuseInputs: (files, given) => refuseOverlap(out, files, given),
    declare: (topic, layout) => void layouts.set(topic, layout),
    write: (outcome) => inTurn(() => write(outcome)),
    end: (topic) => inTurn(() => end(topic)),
    close: () =>
      inTurn(async () => {
        for (const topic of open.keys()) await end(topic)
        await events.close()
        publish(out, made)
      }),
    async abandon() {
      await queue.catch(() => undefined)
      await Promise.allSettled([...open.keys()].map(end))
      await events.close().catch(() => undefined)
      release(made)
    },
  }
}

function jsonLine(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/** One line of a reasons file. */
function reasonOf(
  message: Message,
  ruling: Ruling | undefined,
  recordAt: (message: number, row: number) => object,
  verdict: string,
): object {
  if (ruling === undefined) return {}
  const { decision, reason, row } = ruling
  return { offset: String(message.at.offset), row, ...recordAt(ruling.message, row), decision, reason, verdict }
}

/** What is known of the record at a place, for the reasons file. */
function recordsByPlace({ batch, verdict }: Outcome): (message: number, row: number) => object {
  if (verdict.rulings.every(({ decision }) => decision === 'pass')) return () => ({})
  const places = new Map(batch.id.map((_, i) => [`${batch.messageOf[i]} ${batch.rowOf[i]}`, i]))
  return (message, row) => {
    const i = places.get(`${message} ${row}`)
    if (i === undefined) return { id: null, source: null, label: null }
    return { id: batch.id[i], source: valueAt(batch.source, i) ?? null, label: valueAt(batch.label, i) ?? null }
  }
}
