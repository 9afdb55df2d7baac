import { describe, expect, it } from 'vitest'
import type { Delivery, Outcome, Source } from '../../src/core/line.ts'
import type { Message } from '../../src/core/message.ts'
import type { Decision } from '../../src/core/verdict.ts'
import { decode } from '../../src/engine/decode.ts'
import type { Fields } from '../../src/engine/decode/fields.ts'

/** What a source was given and what came out at its other end: the values of messages, in order, by way out. */
export type Written = { readonly [decision in Decision]: readonly string[] }

/** A source together with the sink behind it, on an input of its own. */
export interface Rig {
  /** Puts messages where the source reads. */
  put(values: readonly string[]): Promise<void>
  /** A source that reads from what is committed on. */
  open(): Promise<Source>
  /** Ends what `open` gave; `complete` where all was read and committed. */
  end(source: Source, complete: boolean): Promise<void>
  /** What a reader of the outputs sees now. */
  written(): Promise<Written>
  /** Whether a source that is opened again goes on behind what was committed. */
  readonly resumes: boolean
  /** Whether outputs are visible with each commit, or only once all is complete. */
  readonly visible: 'each-commit' | 'complete'
}

const fields: Fields = { id: 'id', labelRequired: false, content: { kind: 'row', numeric: ['id'], category: [] } }
const values = (count: number) =>
  Array.from({ length: count }, (_, id) => JSON.stringify({ id, go: id % 7 === 3 ? 'quarantine' : 'pass', text: 'ü' }))

const decisionOf = (value: Uint8Array | null): Decision =>
  (JSON.parse(Buffer.from(value ?? []).toString()) as { go: Decision }).go

/** An outcome that sends each message where it says itself; what is not JSON is a dead letter. */
export function outcomeOf(messages: readonly Message[]): Outcome {
  const batch = decode(messages, fields)
  const rulings = [
    ...batch.id.map((_, i) => {
      const message = batch.messageOf[i] ?? 0
      const decision = decisionOf(messages[message]?.value ?? null)
      return { message, row: batch.rowOf[i] ?? 0, decision, reason: decision === 'pass' ? '' : 'asked for' }
    }),
    ...batch.rejected.map(({ message, row, code, reason }) => ({
      message,
      row,
      decision: 'dead-letter' as const,
      reason: `${code}: ${reason}`,
    })),
  ].toSorted((a, b) => a.message - b.message || a.row - b.row)
  const decision = rulings.some((each) => each.decision === 'quarantine') ? ('quarantine' as const) : ('pass' as const)
  const verdict = { id: batch.digest, decision, rulings, findings: [], insufficient: [] }
  return { batch, verdict, repeatedIds: 0, events: [], unscored: false, snapshot: null }
}

/** A row of a file is its line, end included. */
const textOf = (message: Message) =>
  Buffer.from(message.value ?? [])
    .toString()
    .replace(/\n$/, '')
const going = (all: readonly string[], decision: Decision) => all.filter((value) => JSON.parse(value).go === decision)

/** Takes deliveries until so many messages came. */
async function take(deliveries: AsyncIterator<Delivery>, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = []
  for (let messages = 0; messages < count;) {
    const { done, value } = await deliveries.next()
    if (done === true) break
    taken.push(value)
    messages += value.messages.length
  }
  return taken
}

/** What every source keeps, with the sink behind it. */
export function sourceContract(name: string, open: () => Promise<Rig>): void {
  describe(`${name} as a source`, () => {
    it('delivers every message once, in order, as it came', async () => {
      const rig = await open()
      const given = values(250)
      await rig.put(given)
      const source = await rig.open()
      const deliveries = await take(source[Symbol.asyncIterator](), given.length)
      expect(deliveries.flatMap(({ messages }) => messages.map(textOf))).toEqual(given)
      const positions = deliveries.flatMap(({ messages }) => messages.map(({ at }) => at.offset))
      expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)))
      for (const delivery of deliveries) await delivery.commit(outcomeOf(delivery.messages))
      await rig.end(source, true)
    })

    it('gives no empty delivery, and none where there is nothing', async () => {
      const rig = await open()
      await rig.put(values(3))
      const source = await rig.open()
      const deliveries = source[Symbol.asyncIterator]()
      const taken = await take(deliveries, 3)
      expect(taken.every(({ messages }) => messages.length > 0)).toBe(true)
      for (const delivery of taken) await delivery.commit(outcomeOf(delivery.messages))
      const nothing = deliveries.next()
      await source.close()
      expect((await nothing).done).toBe(true)
      await rig.end(source, true)
    })

    it('goes on behind what was committed, and gives again what was not', async () => {
      const rig = await open()
      if (!rig.resumes) return
      const given = values(120)
      await rig.put(given)
      const first = await rig.open()
      const taken = await take(first[Symbol.asyncIterator](), 100)
      const committed = taken.slice(0, 2)
      for (const delivery of committed) await delivery.commit(outcomeOf(delivery.messages))
      await rig.end(first, false)
      const done = committed.reduce((sum, { messages }) => sum + messages.length, 0)

      const second = await rig.open()
      const again = await take(second[Symbol.asyncIterator](), given.length - done)
      expect(again.flatMap(({ messages }) => messages.map(textOf))).toEqual(given.slice(done))
      for (const delivery of again) await delivery.commit(outcomeOf(delivery.messages))
      await rig.end(second, true)
      expect(await rig.written()).toEqual({
        pass: going(given, 'pass'),
        quarantine: going(given, 'quarantine'),
        'dead-letter': [],
      })
    })
  })
}

/** What every sink keeps, behind its source. */
export function sinkContract(name: string, open: () => Promise<Rig>): void {
  describe(`${name} as a sink`, () => {
    it('writes each message to exactly one output, as it came, in order', async () => {
      const rig = await open()
      const given = [...values(200), '{"id": 7, "go": "pass"', '{"id":"not a number","go":"pass"}', ...values(50)]
      await rig.put(given)
      const source = await rig.open()
      for (const delivery of await take(source[Symbol.asyncIterator](), given.length))
        await delivery.commit(outcomeOf(delivery.messages))
      await rig.end(source, true)
      const good = [...values(200), ...values(50)]
      expect(await rig.written()).toEqual({
        pass: going(good, 'pass'),
        quarantine: going(good, 'quarantine'),
        'dead-letter': given.slice(200, 202),
      })
    })

    it('shows nothing of a batch before it is committed', async () => {
      const rig = await open()
      await rig.put(values(60))
      const source = await rig.open()
      const deliveries = await take(source[Symbol.asyncIterator](), 60)
      const nothing = { pass: [], quarantine: [], 'dead-letter': [] }
      expect(await rig.written()).toEqual(nothing)
      const [first, ...rest] = deliveries
      await first?.commit(outcomeOf(first.messages))
      const shown = rig.visible === 'complete' ? [] : (first?.messages.map(textOf) ?? [])
      expect((await rig.written()).pass).toEqual(going(shown, 'pass'))
      for (const delivery of rest) await delivery.commit(outcomeOf(delivery.messages))
      await rig.end(source, true)
      expect((await rig.written()).pass).toEqual(going(values(60), 'pass'))
    })

    it('commits in order what is committed without waiting', async () => {
      const rig = await open()
      const given = values(300)
      await rig.put(given)
      const source = await rig.open()
      const deliveries = await take(source[Symbol.asyncIterator](), given.length)
      const ended: number[] = []
      await Promise.all(
        deliveries.map((delivery, i) => delivery.commit(outcomeOf(delivery.messages)).then(() => ended.push(i))),
      )
      expect(ended).toEqual(deliveries.map((_, i) => i))
      await rig.end(source, true)
      expect((await rig.written()).pass).toEqual(going(given, 'pass'))
    })
  })
}
