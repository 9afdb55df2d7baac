import { makeData, RecordBatch, Struct, Table, tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { mustHaveColumn, openFileMessages, type Unreadable } from '../../../src/cli/file-messages.ts'
import { TasterError } from '../../../src/core/errors.ts'
import type { Header, Message } from '../../../src/core/message.ts'

const text = (name: string, value: string): Header => [name, Buffer.from(value)]
const json = [text('content-type', 'application/json')]
const arrow = [text('content-type', 'application/vnd.apache.arrow.stream')]
const csv = [
  text('content-type', 'text/csv'),
  text('taster-csv-header', 'id,source\n'),
  text('taster-csv-delimiter', ','),
]

const message = (value: Uint8Array | string | null, headers: readonly Header[] = json, offset = 0n): Message => ({
  at: { topic: 'file', partition: 0, offset },
  timestamp: 0,
  key: null,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers,
})

function openMessages(keyColumn: string | null = null, messageBytes = 1_000_000, compressed = false) {
  const left: Unreadable[] = []
  const of = openFileMessages({ keyColumn, messageBytes, compressed, unreadable: (stretch) => left.push(stretch) })
  return { of, left }
}

describe('rows of text', () => {
  it.each([
    ['{"a":1}\n', '{"a":1}'],
    ['{"a":1}\r\n', '{"a":1}'],
    ['{"a":1}', '{"a":1}'],
    ['{"a":1}\n\n', '{"a":1}\n'],
    [' {"a":1} ', ' {"a":1} '],
  ])('%j become their bytes without one line end', (row, value) => {
    expect(openMessages().of(message(row))).toMatchObject([
      { value: Buffer.from(value), key: null, rows: 1, headers: json },
    ])
  })

  it.each([
    ['{"source":"ann"}', json, 'ann'],
    ['{"source":7}', json, '7'],
    ['{"source":null}', json, null],
    ['{"source":""}', json, null],
    ['{"other":"ann"}', json, null],
    ['{broken', json, null],
    ['1,"bo, b"\n', csv, 'bo, b'],
  ] as const)('%j have the key %j', (row, headers, key) => {
    const [one] = openMessages('source').of(message(row, headers))
    expect(one?.key === null ? null : String(one?.key)).toBe(key)
  })

  it('with a mistyped column are refused before anything is sent', () => {
    const rows = [message('{"source":"a"}'), message('{broken'), message('{"source":"b"}')]
    expect(() => mustHaveColumn('sauce', rows)).toThrow(/Did you mean 'source'/)
    mustHaveColumn('source', rows)
    mustHaveColumn('__proto__', [message('{broken')])
    expect(() => mustHaveColumn('source', [message('', arrow)])).toThrow(TasterError)
  })

  it('over the limit are refused with their place', () => {
    const { of } = openMessages(null, 100)
    expect(() => of(message('x'.repeat(200), json, 41n))).toThrow(/row 42 .*max\.message\.bytes/s)
    expect(openMessages(null, 100, true).of(message('x'.repeat(200)))).toHaveLength(1)
    const spooled = [...json, text('taster-unreadable', 'RECORD_TOO_LARGE the record has 900 bytes')]
    expect(() => of(message(null, spooled))).toThrow(/900 bytes/)
  })

  it('that cannot be told apart are left out and named', () => {
    const { of, left } = openMessages()
    expect(of(message('[{"a', [...json, text('taster-unreadable', 'BYTES_MALFORMED it breaks off')], 3n))).toEqual([])
    expect(left).toMatchObject([{ at: { offset: 3n }, reason: 'it breaks off' }])
  })
})

describe('tables', () => {
  const ids = Int32Array.from({ length: 1000 }, (_, i) => i)
  const table = tableFromArrays({ id: ids, name: Array.from(ids, (id) => `name ${id} ${'x'.repeat(50)}`) })
  const bytes = tableToIPC(table, 'stream')
  const idsOf = (values: readonly { readonly value: Uint8Array | null }[]) =>
    values.flatMap(({ value }) => [...(tableFromIPC(value ?? []).getChild('id') ?? [])])

  it('are one message of all their rows where they fit', () => {
    const [one, ...others] = openMessages().of(message(bytes, arrow))
    expect(others).toEqual([])
    expect(one).toMatchObject({ rows: 1000, value: bytes, key: null })
  })

  it('are cut where they do not, each part readable by itself', () => {
    const parts = openMessages(null, 10_000).of(message(bytes, arrow, 5000n))
    expect(parts.length).toBeGreaterThan(7)
    for (const { value } of parts) expect(value?.length).toBeLessThanOrEqual(10_000)
    expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(1000)
    expect(parts.map(({ at }) => at.offset)).toEqual(
      parts.map((_, i) => 5000n + BigInt(parts.slice(0, i).reduce((sum, { rows }) => sum + rows, 0))),
    )
    expect(idsOf(parts)).toEqual([...ids])
  })

  it('of several record batches lose none of them', () => {
    const batches = [table.batches[0], table.batches[0]].flatMap((batch) => (batch === undefined ? [] : [batch]))
    const data = batches.map(({ data: of }) =>
      makeData({ type: new Struct(table.schema.fields), length: of.length, nullCount: 0, children: of.children }),
    )
    const two = new Table(
      table.schema,
      data.map((of) => new RecordBatch(table.schema, of)),
    )
    const parts = openMessages(null, 20_000).of(message(tableToIPC(two, 'stream'), arrow))
    expect(idsOf(parts)).toEqual([...ids, ...ids])
  })

  it('with one row over the limit are refused with its place', () => {
    const one = tableToIPC(tableFromArrays({ name: ['a', 'x'.repeat(5000)] }), 'stream')
    expect(() => openMessages(null, 2000).of(message(one, arrow, 10n))).toThrow(/row 12 /)
  })
})
