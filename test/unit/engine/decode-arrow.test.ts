import { readFileSync } from 'node:fs'
import { tableFromArrays, tableToIPC, vectorFromArray, Utf8, Table, makeData, makeVector } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { valueAt } from '../../../src/core/column.ts'
import { decode } from '../../../src/engine/decode.ts'
import type { Fields } from '../../../src/engine/decode/fields.ts'
import { ipcMessages } from '../../../src/engine/decode/ipc.ts'
import { arrowHeaders, codeOf, message, row, text } from './decode-messages.ts'

const plain: Fields = { labelRequired: false, content: text.content }

describe('decode of Arrow', () => {
  const stream = (columns: { [name: string]: unknown[] }) => tableToIPC(tableFromArrays(columns), 'stream')

  it('reads many rows of a message, dictionaries resolved', () => {
    const batch = decode([message(stream({ text: ['a', 'b', 'a'], label: ['x', 'y', 'x'] }), arrowHeaders, 9n)], {
      ...plain,
      label: 'label',
    })
    expect(batch.id).toEqual(['in:9#0', 'in:9#1', 'in:9#2'])
    expect([...batch.rowOf]).toEqual([0, 1, 2])
    expect(batch.content).toEqual({ kind: 'text', text: ['a', 'b', 'a'] })
  })

  it('rejects single rows', () => {
    const bytes = stream({ a: Float64Array.of(1, NaN, Infinity, 4) as unknown as unknown[] })
    const batch = decode([message(bytes, arrowHeaders)], row(['a']))
    expect([...batch.rowOf]).toEqual([0, 3])
    expect(batch.rejected.map(({ row: at, code }) => [at, code])).toEqual([
      [1, 'VALUE_NOT_FINITE'],
      [2, 'VALUE_NOT_FINITE'],
    ])
  })

  it('rejects a missing column for every row, and a mistyped one', () => {
    const bytes = stream({ a: ['x', 'y'] })
    expect(decode([message(bytes, arrowHeaders)], text).rejected.map(({ code }) => code)).toEqual([
      'FIELD_MISSING',
      'FIELD_MISSING',
    ])
    expect(decode([message(bytes, arrowHeaders)], row(['a'])).rejected[0]?.code).toBe('FIELD_MISTYPED')
  })

  it('rejects strings that are not UTF-8', () => {
    const good = vectorFromArray(['ab', '\ufffd'], new Utf8())
    const data = good.data[0]
    if (data === undefined) throw new Error('no data')
    const values = data.values.slice()
    values[0] = 0xff
    const broken = makeVector(
      makeData({ type: new Utf8(), length: 2, nullCount: 0, valueOffsets: data.valueOffsets, data: values }),
    )
    const batch = decode([message(tableToIPC(new Table({ text: broken }), 'stream'), arrowHeaders)], plain)
    expect(batch.rejected.map(({ row: at, code }) => [at, code])).toEqual([[0, 'BYTES_NOT_UTF8']])
    expect([...batch.rowOf]).toEqual([1])
  })

  it('rejects a message that is cut, holds no rows, or is no Arrow, as a whole', () => {
    const bytes = stream({ text: ['a', 'b'] })
    for (const end of [8, 100, bytes.length - 60])
      expect(codeOf(bytes.subarray(0, end), text, arrowHeaders)).toMatch(/BYTES_MALFORMED|RECORD_EMPTY/)
    expect(codeOf(stream({ text: [] }), text, arrowHeaders)).toBe('RECORD_EMPTY')
    expect(codeOf('hello', text, arrowHeaders)).toMatch(/BYTES_MALFORMED|RECORD_EMPTY/)
  })

  // made by fixtures/arrow-streams.py
  const { streams } = JSON.parse(readFileSync(new URL('./fixtures/arrow-streams.json', import.meta.url), 'utf8')) as {
    streams: { [name: string]: string }
  }
  const made = (name: string) => Buffer.from(streams[name] ?? '', 'base64')
  const labelled: Fields = { ...plain, label: 'label', labelRequired: true }
  const many = Array.from({ length: 32 }, (_, i) => ['alpha', 'beta', 'alpha', 'gamma'][i % 4])
  const turns = Array.from({ length: 32 }, (_, i) => ['ham', 'spam'][i % 2])

  it.each([
    ['lz4', many, turns],
    ['zstd', many, turns],
    ['dictionary', ['alpha', 'beta'], ['ham', 'spam']],
    ['dictionary-zstd', ['alpha', 'beta', 'gamma'], ['ham', 'spam', 'ham']],
    ['dictionary-delta', ['alpha', 'beta', 'alpha', 'beta', 'gamma'], ['ham', 'spam', 'ham', 'spam', 'ham']],
    ['dictionary-replaced', ['alpha', 'beta', 'delta', 'beta'], ['ham', 'spam', 'spam', 'ham']],
    ['view', ['alpha', 'beta'], ['ham', 'spam']],
  ])('reads a stream of pyarrow: %s', (name, expected, labels) => {
    const batch = decode([message(made(name), arrowHeaders)], labelled)
    expect(batch.rejected).toEqual([])
    expect(batch.content).toEqual({ kind: 'text', text: expected })
    expect(labels.map((_, i) => valueAt(batch.label, i))).toEqual(labels)
  })

  it('says of what it cannot read what it is', () => {
    const reasonOf = (bytes: Uint8Array) => decode([message(bytes, arrowHeaders)], labelled).rejected
    expect(reasonOf(made('run-end'))).toMatchObject([
      { code: 'BYTES_MALFORMED', reason: expect.stringMatching(/RunEndEncoded/) },
    ])
    expect(reasonOf(Buffer.from('ARROW1\0\0'))).toMatchObject([
      { code: 'BYTES_MALFORMED', reason: expect.stringMatching(/Arrow file/) },
    ])
    // Codec 1 is zstd, codec 7 is none that Arrow knows; its byte is the one that is found by its effect.
    const bytes = made('zstd')
    const [schema] = ipcMessages(bytes)
    const reasons = Array.from(bytes.subarray(0, 1000), (byte, i) => {
      if (byte !== 1 || i < (schema?.bytes.length ?? 0)) return ''
      const changed = Buffer.from(bytes)
      changed[i] = 7
      return reasonOf(changed)[0]?.reason ?? ''
    })
    expect(reasons.filter((reason) => /compressed but codec not found/.test(reason))).toHaveLength(1)
  })
})
