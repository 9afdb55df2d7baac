import { describe, expect, it } from 'vitest'
import type { Message } from '../../../src/core/message.ts'
import { inferRow, suggestFields } from '../../../src/engine/decode/infer.ts'
import { noSuchColumn } from '../../../src/engine/decode/no-such-column.ts'

const messages = (...records: unknown[]): Message[] =>
  records.map((record, i) => ({
    at: { topic: 'in', partition: 0, offset: BigInt(i) },
    timestamp: 0,
    key: null,
    value: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)),
    headers: [['content-type', Buffer.from('application/json')]],
  }))

describe('inferRow', () => {
  it('tells numbers from categories and leaves the rest alone', () => {
    const samples = messages(
      { n: 1, s: 'a', mixed: 1, text: '12', flag: true, list: [1], nothing: null, id: 1 },
      'not JSON',
      { n: null, s: '', mixed: 'x', text: 'NaN', flag: false, list: [], nothing: null, id: 2 },
    )
    expect(inferRow(samples, ['id'])).toEqual({ numeric: ['n', 'text'], category: ['s', 'mixed', 'flag'] })
  })
})

describe('suggestFields', () => {
  it('names the columns of the first readable record, nested ones by path', () => {
    expect(suggestFields(messages('{', { a: 1, b: { c: 2 } }, { d: 1 }))).toEqual(['a', 'b.c'])
    expect(suggestFields([])).toEqual([])
  })
})

describe('noSuchColumn', () => {
  it('says what there is and what was meant', () => {
    expect(noSuchColumn('lable', ['id', 'label'])).toBe(
      "There is no column 'lable'; the columns are 'id', 'label'. Did you mean 'label'?",
    )
    expect(noSuchColumn('label', ['x', 'y'])).not.toContain('mean')
  })
})
