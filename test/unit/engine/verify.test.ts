import { describe, expect, it } from 'vitest'
import type { Message } from '../../../src/core/message.ts'
import { decode } from '../../../src/engine/decode.ts'
import { createSeen, verify } from '../../../src/engine/verify.ts'

function batchOf(records: readonly { id?: string; source?: string }[]) {
  const messages = records.map((record, i): Message => ({
    at: { topic: 'in', partition: 0, offset: BigInt(i) },
    timestamp: 0,
    key: null,
    value: Buffer.from(JSON.stringify({ ...record, text: `text ${i}` })),
    headers: [],
  }))
  const content = { kind: 'text', columns: ['text'] } as const
  return decode(messages, { id: 'id', source: 'source', labelRequired: false, content })
}

describe('verify', () => {
  it('lets everything through without rules, and counts repeated ids', () => {
    const batch = batchOf([{ id: 'a' }, { id: 'b' }, { id: 'a' }])
    const seen = createSeen()
    expect(verify(batch, {}, seen)).toEqual({ batch, repeatedIds: 1 })
    expect(verify(batch, {}, seen).repeatedIds).toBe(3)
  })

  it('rejects sources that are not allowed, and records without one', () => {
    const { batch } = verify(batchOf([{ source: 'good' }, { source: 'bad' }, {}]), { sources: ['good'] }, createSeen())
    expect(batch.id).toEqual(['in:0'])
    expect(batch.content).toEqual({ kind: 'text', text: ['text 0'] })
    expect(batch.rejected.map(({ message, row, code }) => [message, row, code])).toEqual([
      [1, 0, 'SOURCE_NOT_ALLOWED'],
      [2, 0, 'SOURCE_NOT_ALLOWED'],
    ])
  })

  it('rejects repeated ids where they must be unique', () => {
    const { batch, repeatedIds } = verify(batchOf([{ id: 'a' }, { id: 'a' }]), { uniqueIds: true }, createSeen())
    expect([batch.id, repeatedIds, batch.rejected[0]?.code]).toEqual([['a'], 1, 'ID_REPEATED'])
    expect([...batch.messageOf, ...batch.rowOf]).toEqual([0, 0])
  })
})

describe('createSeen', () => {
  it('remembers at least its capacity and forgets in the end', () => {
    const seen = createSeen(100)
    for (let i = 0; i < 100; i++) expect(seen.add(`id ${i}`)).toBe(false)
    for (let i = 0; i < 100; i++) expect(seen.add(`id ${i}`)).toBe(true)
    for (let i = 0; i < 1000; i++) seen.add(`other ${i}`)
    expect(seen.add('id 0')).toBe(false)
  })
})
