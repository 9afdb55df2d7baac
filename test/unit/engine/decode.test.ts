import { describe, expect, it } from 'vitest'
import { valueAt } from '../../../src/core/column.ts'
import type { Header } from '../../../src/core/message.ts'
import { decode } from '../../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import { defaultLimits } from '../../../src/engine/decode/limits.ts'
import { codeOf, csvHeaders, jsonHeaders, message, of, row, text } from './decode-messages.ts'

describe('decode', () => {
  it('reads JSON records column by column', () => {
    const batch = decode(
      [
        message('{"id":"a","text":"one","label":"spam","from":{"list":"x"},"ts":1700000000}', jsonHeaders, 4n),
        message('{"text":"two","label":7,"from":{},"ts":"2024-01-01T00:00:00Z"}', jsonHeaders, 5n),
      ],
      { ...text, source: 'from.list', time: 'ts' },
    )
    expect(batch.id).toEqual(['a', 'in:5'])
    expect(valueAt(batch.label, 1)).toBe('7')
    expect([valueAt(batch.source, 0), valueAt(batch.source, 1)]).toEqual(['x', undefined])
    expect([...batch.at]).toEqual([1_700_000_000_000, Date.UTC(2024, 0, 1)])
    expect(batch.content).toEqual({ kind: 'text', text: ['one', 'two'] })
    expect(batch.rejected).toEqual([])
  })

  it('rejects single rows and keeps the others', () => {
    const values = ['{"text":"a"}', '{"text":', '{"text":"b"}', '{}', '{"text":"c"}']
    const batch = decode(
      values.map((value, i) => message(value, jsonHeaders, BigInt(i))),
      text,
    )
    expect([...batch.messageOf]).toEqual([0, 2, 4])
    expect(batch.rejected.map(({ message: index, code }) => [index, code])).toEqual([
      [1, 'BYTES_MALFORMED'],
      [3, 'FIELD_MISSING'],
    ])
  })

  it.each([
    ['nothing at all', null, 'RECORD_EMPTY'],
    ['an empty value', '', 'RECORD_EMPTY'],
    ['a blank value', ' \n', 'RECORD_EMPTY'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'BYTES_NOT_UTF8'],
    ['truncated JSON', '{"text":"ab', 'BYTES_MALFORMED'],
    ['a list for a record', '[1,2]', 'FIELD_MISTYPED'],
    ['a missing column', '{"txt":"a"}', 'FIELD_MISSING'],
    ['a null text', '{"text":null}', 'FIELD_MISSING'],
    ['a mistyped column', '{"text":5}', 'FIELD_MISTYPED'],
    ['an object for a label', '{"text":"a","label":{}}', 'FIELD_MISTYPED'],
    ['a list for an id', '{"text":"a","id":[]}', 'FIELD_MISTYPED'],
    ['JSON nested 100,000 deep', `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'RECORD_TOO_DEEP'],
    ['a record over the limit', `{"text":"${'x'.repeat(defaultLimits.recordBytes)}"}`, 'RECORD_TOO_LARGE'],
  ])('rejects %s', (_, value, code) => {
    expect(codeOf(value)).toBe(code)
  })

  it('tells brackets inside strings from nesting', () => {
    const { rejected } = decode([message(JSON.stringify({ text: '[{'.repeat(1000) + '\\"' }))], text)
    expect(rejected).toEqual([])
  })

  it('asks for a label only where labels are required', () => {
    for (const label of ['', ',"label":null', ',"label":""']) {
      const value = `{"text":"a"${label}}`
      expect([...decode([message(value)], text).label.codes]).toEqual([-1])
      expect(codeOf(value, { ...text, labelRequired: true })).toBe(label === '' ? 'FIELD_MISSING' : 'LABEL_MISSING')
    }
  })

  it('reads __proto__ and constructor as columns like any other, and never a prototype', () => {
    const value = '{"__proto__":{"text":"inherited"},"constructor":{"name":"c"},"text":"own"}'
    const read = (column: string) => decode([message(value)], of({ kind: 'text', columns: [column] }))
    expect(read('text').content).toEqual({ kind: 'text', text: ['own'] })
    expect(read('__proto__.text').content).toEqual({ kind: 'text', text: ['inherited'] })
    expect(codeOf('{"a":1}', of({ kind: 'text', columns: ['constructor.name'] }))).toBe('FIELD_MISSING')
    expect(codeOf('{"a":1}', of({ kind: 'text', columns: ['toString'] }))).toBe('FIELD_MISSING')
    expect(({} as { text?: string }).text).toBeUndefined()
  })

  it('keeps control characters and escapes in ids and labels as they are', () => {
    const batch = decode([message('{"id":"\\u001b[31m","text":"a","label":"x\\u0007"}')], text)
    expect([batch.id[0], valueAt(batch.label, 0)]).toEqual(['\u001b[31m', 'x\u0007'])
  })

  it('takes a row of 10,000 columns and no more', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `column ${i}`)
    const wide = Object.fromEntries(names.map((name, i) => [name, i]))
    const batch = decode([message(JSON.stringify(wide))], row(names))
    expect(batch.content.kind === 'row' && batch.content.columns.size).toBe(10_000)
    expect(codeOf(JSON.stringify({ ...wide, more: 1 }), row(['more']))).toBe('RECORD_TOO_LARGE')
    const header = csvHeaders([...names, 'more'].join(','))
    expect(codeOf(names.map(() => 1).join(','), row(['more']), header)).toBe('RECORD_TOO_LARGE')
  })

  it('repeats ids without a word: whether they may repeat is for verify', () => {
    const batch = decode([message('{"id":1,"text":"a"}'), message('{"id":1,"text":"b"}')], text)
    expect(batch.id).toEqual(['1', '1'])
  })

  it('makes nothing of no messages', () => {
    const batch = decode([], text)
    expect(batch.id).toEqual([])
    expect(batch.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  it('gives other digests to other bytes, boundaries and headers', () => {
    const digests = [
      [message('ab'), message('c')],
      [message('a'), message('bc')],
      [message('abc')],
      [message('abc', csvHeaders('text'))],
      [message('abc', csvHeaders('other'))],
      [message(null)],
      [message('')],
    ].map((messages) => decode(messages, text).digest)
    expect(new Set(digests).size).toBe(digests.length)
    const again = jsonHeaders.map(([name, value]): Header => [name, value])
    expect(decode([message('ab'), message('c', again)], text).digest).toBe(digests[0])
  })

  it('believes a source that says a message is unreadable', () => {
    const marked = [...jsonHeaders, textHeader(headers.unreadable, 'BYTES_MALFORMED the file is cut')]
    const { rejected } = decode([message('{"text":"a"}', marked)], text)
    expect(rejected).toEqual([{ message: 0, row: 0, code: 'BYTES_MALFORMED', reason: 'the file is cut' }])
    const strange = [textHeader(headers.unreadable, 'toString x')]
    expect(decode([message('a', strange)], text).rejected[0]?.code).toBe('BYTES_MALFORMED')
  })

  it('reads lines of JSON in one message, row by row', () => {
    const lines = [textHeader(headers.contentType, `${contentTypes.lines}; charset=utf-8`)]
    const batch = decode([message('{"text":"a"}\n\n{"text":\n{"text":"b"}', lines)], text)
    expect(batch.id).toEqual(['in:0#0', 'in:0#2'])
    expect(batch.rejected.map(({ row: at, code }) => [at, code])).toEqual([[1, 'BYTES_MALFORMED']])
  })
})
