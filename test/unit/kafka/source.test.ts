import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Delivery, Outcome } from '../../../src/core/line.ts'
import type { Message } from '../../../src/core/message.ts'
import type { Journal } from '../../../src/kafka/journal.ts'
import { openLag } from '../../../src/kafka/lag.ts'
import type { Reader } from '../../../src/kafka/reader.ts'
import { openSource } from '../../../src/kafka/source.ts'

const message = (offset: bigint): Message => ({
  at: { topic: 't', partition: 0, offset },
  timestamp: 1,
  key: null,
  value: Buffer.from('{}'),
  headers: [],
})

/** A partition that holds so many messages, and a journal whose transactions end when they are told to. */
function opened(count: number, records: number) {
  const all = Array.from({ length: count }, (_, i) => message(BigInt(i)))
  const end = BigInt(count)
  const reader: Reader = {
    fetch: async (offset) => ({ messages: all.slice(Number(offset)), next: end, end, bytes: 0 }),
    bounds: async () => ({ start: 0n, end, written: end }),
    close: async () => {},
  }
  const transactions: { readonly messages: number[]; readonly end: () => void }[] = []
  const journal: Journal = {
    write: (outcomes) =>
      new Promise((resolve) =>
        transactions.push({ messages: outcomes.map((each) => each.messages.length), end: resolve }),
      ),
    begin: async () => {},
    wantsSnapshot: () => false,
    isBehind: () => false,
  }
  const rules = { records, bytes: 2 ** 30, lingerMs: 0, messages: {} }
  const source = openSource(reader, journal, {
    partition: 0,
    from: 0n,
    rules,
    inFlightBytes: () => 2 ** 30,
    lag: openLag(),
    notify() {},
  })
  const deliveries = source[Symbol.asyncIterator]()
  const next = async (): Promise<Delivery> => (await deliveries.next()).value as Delivery
  return { source, next, transactions }
}

const outcome = (snapshot: Uint8Array | null = null) => ({ snapshot }) as Outcome
const settle = () => vi.advanceTimersByTimeAsync(0)
const sizes = (transactions: readonly { readonly messages: readonly number[] }[]) =>
  transactions.map(({ messages }) => messages)

describe('transactions of a partition', () => {
  afterEach(() => void vi.useRealTimers())

  it('begin at once where nothing else is being judged', async () => {
    vi.useFakeTimers()
    const { next, transactions } = opened(10, 10)
    const delivery = await next()
    void delivery.commit(outcome())
    expect(sizes(transactions)).toEqual([[10]])
  })

  it('take what is still being judged, where that comes soon', async () => {
    vi.useFakeTimers()
    const { next, transactions } = opened(20, 10)
    const [first, second] = [await next(), await next()]
    void first.commit(outcome())
    expect(sizes(transactions)).toEqual([])
    void second.commit(outcome())
    expect(sizes(transactions)).toEqual([[10, 10]])
  })

  it('do not wait for what does not come', async () => {
    vi.useFakeTimers()
    const { next, transactions } = opened(20, 10)
    const first = await next()
    await next()
    void first.commit(outcome())
    await vi.advanceTimersByTimeAsync(1000)
    expect(sizes(transactions)).toEqual([[10]])
  })

  it('do not wait once they are full, or end with a snapshot', async () => {
    vi.useFakeTimers()
    for (const [records, snapshot, expected] of [
      [1000, null, [1000]],
      [400, null, [400, 400]],
      [10, Uint8Array.of(1), [10]],
    ] as const) {
      const { next, transactions } = opened(10_000, records)
      const deliveries: Delivery[] = []
      while (deliveries.length < 4) deliveries.push(await next())
      for (const delivery of deliveries.slice(0, 3)) void delivery.commit(outcome(snapshot))
      expect(sizes(transactions)).toEqual([expected])
    }
  })

  it('do not wait for a line that waits for them', async () => {
    vi.useFakeTimers()
    const { next, transactions } = opened(100, 1)
    const deliveries: Delivery[] = []
    while (deliveries.length < 65) deliveries.push(await next())
    for (const delivery of deliveries.slice(0, 64)) void delivery.commit(outcome())
    expect(sizes(transactions)).toEqual([Array.from({ length: 32 }, () => 1)])
    transactions[0]?.end()
    await settle()
    expect(transactions).toHaveLength(2)
  })

  it('follow one another, and take all that waits meanwhile', async () => {
    vi.useFakeTimers()
    const { next, transactions } = opened(40, 10)
    const committed: number[] = []
    const commit = async (delivery: Delivery, number: number) => {
      await delivery.commit(outcome())
      committed.push(number)
    }
    void commit(await next(), 1)
    void commit(await next(), 2)
    void commit(await next(), 3)
    expect(sizes(transactions)).toEqual([[10]])
    transactions[0]?.end()
    await settle()
    expect(sizes(transactions)).toEqual([[10], [10, 10]])
    expect(committed).toEqual([1])
    transactions[1]?.end()
    await settle()
    expect(committed).toEqual([1, 2, 3])
  })

  it('begin at once when the source is closed', async () => {
    vi.useFakeTimers()
    const { source, next, transactions } = opened(20, 10)
    const first = await next()
    await next()
    void first.commit(outcome())
    await source.close()
    expect(sizes(transactions)).toEqual([[10]])
  })
})
