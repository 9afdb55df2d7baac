import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../../src/core/message.ts'
import { openBatches } from '../../../src/kafka/batches.ts'

const message = (offset: number, value = `{"id":${offset}}`, type?: string): Message => ({
  at: { topic: 'in', partition: 0, offset: BigInt(offset) },
  timestamp: offset,
  key: null,
  value: Buffer.from(value),
  headers: type === undefined ? [] : [['content-type', Buffer.from(type)]],
})
const offsets = (batch: readonly Message[] | null) => batch?.map(({ at }) => Number(at.offset)) ?? null
const rules = { records: 3, bytes: 1000, lingerMs: 100 }

describe('batches of a partition', () => {
  it('close by count, and what is left waits', () => {
    const batches = openBatches(rules, () => 0)
    batches.add([0, 1, 2, 3].map((i) => message(i)))
    expect(offsets(batches.take(false))).toEqual([0, 1, 2])
    expect(batches.take(false)).toBeNull()
    expect(batches.take(true)).toBeNull()
    expect(batches.first()?.at.offset).toBe(3n)
  })

  it('close after the linger, but only where nothing more can be read', () => {
    let now = 0
    const batches = openBatches(rules, () => now)
    batches.add([message(0)])
    now = 500
    expect(batches.take(false)).toBeNull()
    expect(offsets(batches.take(true))).toEqual([0])
    batches.add([message(1)])
    expect(batches.take(true)).toBeNull()
    now = 600
    expect(offsets(batches.take(true))).toEqual([1])
  })

  it('close by bytes', () => {
    const batches = openBatches({ ...rules, records: 100, bytes: 20 }, () => 0)
    batches.add([0, 1, 2].map((i) => message(i, `{"v":"${'x'.repeat(9)}"}`)))
    expect(offsets(batches.take(false))).toEqual([0, 1])
  })

  it('give a message of many rows a batch of its own, in its place', () => {
    const batches = openBatches(rules, () => 0)
    batches.add([
      message(0),
      message(1, '{"a":1}\n{"a":2}', 'application/x-ndjson'),
      message(2, '[{"a":1}]'),
      message(3),
    ])
    expect(offsets(batches.take(false))).toEqual([0])
    expect(offsets(batches.take(false))).toEqual([1])
    expect(offsets(batches.take(false))).toEqual([2])
    expect(batches.take(false)).toBeNull()
    expect(offsets(batches.rest())).toEqual([3])
  })

  it('do not depend on how the messages were fetched', () => {
    const kinds = fc.array(fc.constantFrom('{"a":1}', '[{"a":1}]', '{"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(kinds, fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }), (values, cuts) => {
        const messages = values.map((value, i) => message(i, value))
        const formed = (sizes: readonly number[]) => {
          const batches = openBatches({ records: 5, bytes: 90, lingerMs: 0 }, () => 0)
          const all: (readonly number[] | null)[] = []
          let at = 0
          for (let i = 0; at < messages.length; i++) {
            const size = 1 + (sizes[i % sizes.length] ?? 0)
            batches.add(messages.slice(at, at + size))
            at += size
            for (let batch = batches.take(false); batch !== null; batch = batches.take(false)) all.push(offsets(batch))
          }
          for (let batch = batches.rest(); batch !== null; batch = batches.rest()) all.push(offsets(batch))
          return all
        }
        expect(formed(cuts)).toEqual(formed([1000]))
        expect(formed(cuts).flat()).toEqual(messages.map((_, i) => i))
      }),
      { seed: 2, numRuns: 200 },
    )
  })
})
