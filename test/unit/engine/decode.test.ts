import { deflateSync } from 'node:zlib'
import { tableFromArrays, tableToIPC, vectorFromArray, Utf8, Table, makeData, makeVector } from 'apache-arrow'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { valueAt } from '../../../src/core/column.ts'
import type { Header, Message } from '../../../src/core/message.ts'
import { decode } from '../../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import type { ContentFields, Fields } from '../../../src/engine/decode/fields.ts'
import { defaultLimits } from '../../../src/engine/decode/limits.ts'

const jsonHeaders = [textHeader(headers.contentType, contentTypes.json)]
const csvHeaders = (names: string, delimiter = ','): readonly Header[] => [
  textHeader(headers.contentType, contentTypes.csv),
  textHeader(headers.csvHeader, names),
  textHeader(headers.csvDelimiter, delimiter),
]
const arrowHeaders = [textHeader(headers.contentType, contentTypes.arrow)]

function message(value: string | Uint8Array | null, given: readonly Header[] = jsonHeaders, offset = 0n): Message {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return { at: { topic: 'in', partition: 0, offset }, timestamp: 0, key: null, value: bytes, headers: given }
}

const text: Fields = { id: 'id', label: 'label', labelRequired: false, content: { kind: 'text', columns: ['text'] } }
const of = (content: ContentFields): Fields => ({ labelRequired: false, content })
const row = (numeric: string[], category: string[] = []): Fields => of({ kind: 'row', numeric, category })
const vector = of({ kind: 'vector', column: 'v', dims: 3 })
const image = of({ kind: 'image', column: 'image', height: 2, width: 3, channels: 1 })

/** The single code that one message is rejected with. */
function codeOf(
  value: string | Uint8Array | null,
  fields: Fields = text,
  given = jsonHeaders as readonly Header[],
): string {
  const { id, rejected } = decode([message(value, given)], fields)
  expect(id).toEqual([])
  expect(rejected).toHaveLength(1)
  expect(rejected[0]?.reason).not.toBe('')
  return rejected[0]?.code ?? ''
}

function png(width: number, height: number, pixel: (i: number) => readonly [number, number, number]): Buffer {
  const file = new PNG({ width, height })
  for (let i = 0; i < width * height; i++) file.data.set([...pixel(i), 255], i * 4)
  return PNG.sync.write(file)
}

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
      expect(codeOf(value, { ...text, labelRequired: true })).toBe('LABEL_MISSING')
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

describe('decode of CSV', () => {
  const read = (record: string, names = 'id,text', delimiter = ',') =>
    decode([message(record, csvHeaders(names, delimiter))], text)

  it.each([
    ['1,plain\r\n', 'plain'],
    ['1,"a ""quoted"" word"', 'a "quoted" word'],
    ['1,"two\nlines, one field"\n', 'two\nlines, one field'],
    ['1,5" wide', '5" wide'],
    ['1,"a"b', '"a"b'], // quotes that enclose only a part of a field are text
    ['1,', ''],
  ])('reads %j', (record, expected) => {
    expect(read(record).content).toEqual({ kind: 'text', text: [expected] })
  })

  it('reads other delimiters, and a header with a byte order mark', () => {
    expect(read('1;a,b', '\ufeffid;text', ';').content).toEqual({ kind: 'text', text: ['a,b'] })
    expect(read('1;a,b', '\ufeffid;text', ';').id).toEqual(['1'])
  })

  it.each([
    ['1,a,b', 'BYTES_MALFORMED'],
    ['1', 'BYTES_MALFORMED'],
    ['1,"a', 'BYTES_MALFORMED'],
  ])('rejects %j', (record, code) => {
    expect(codeOf(record, text, csvHeaders('id,text'))).toBe(code)
  })

  it('rejects every row where a column is named twice or is not there', () => {
    expect(codeOf('1,a', text, csvHeaders('text,text'))).toBe('BYTES_MALFORMED')
    expect(codeOf('1,a', text, csvHeaders('id,txt'))).toBe('FIELD_MISSING')
    expect(codeOf('1,a', text, [textHeader(headers.contentType, contentTypes.csv)])).toBe('BYTES_MALFORMED')
  })

  it('takes empty fields for missing numbers, and NaN and infinity for faults', () => {
    const values = (record: string) => {
      const { content } = decode([message(record, csvHeaders('a,b'))], row(['a'], ['b']))
      return content.kind === 'row' ? content.columns : undefined
    }
    expect(values('1e3,x')?.get('a')).toEqual(Float64Array.of(1000))
    expect(values(',')?.get('a')).toEqual(Float64Array.of(NaN))
    expect(values(',')?.get('b')).toEqual({ values: [], codes: Int32Array.of(-1) })
    for (const bad of ['NaN', 'inf', '-Infinity', '1e999'])
      expect(codeOf(`${bad},x`, row(['a'], ['b']), csvHeaders('a,b'))).toBe('VALUE_NOT_FINITE')
    for (const bad of ['0x10', 'twelve', '1,5'])
      expect(codeOf(`"${bad}",x`, row(['a'], ['b']), csvHeaders('a,b'))).toBe('FIELD_MISTYPED')
  })
})

describe('decode of vectors', () => {
  it.each([
    ['{"v":[1,2]}', 'VALUE_WRONG_SHAPE'],
    ['{"v":[]}', 'VALUE_WRONG_SHAPE'],
    ['{"v":[1,2,null]}', 'VALUE_NOT_FINITE'],
    ['{"v":[1,2,1e999]}', 'VALUE_NOT_FINITE'],
    ['{"v":[1,2,1e300]}', 'VALUE_NOT_FINITE'],
    ['{"v":"1 2 NaN"}', 'VALUE_NOT_FINITE'],
    ['{"v":[1,2,[3]]}', 'FIELD_MISTYPED'],
    ['{"v":"a b c"}', 'FIELD_MISTYPED'],
    ['{"v":7}', 'FIELD_MISTYPED'],
    ['{}', 'FIELD_MISSING'],
  ])('rejects %s', (value, code) => {
    expect(codeOf(value, vector)).toBe(code)
  })

  it('reads lists, text and columns', () => {
    const all = ['{"v":[1,2,3.5]}', '{"v":"[1, 2, 3.5]"}', '{"v":"1 2 3.5"}'].map((value) => message(value))
    const data = Float32Array.of(1, 2, 3.5, 1, 2, 3.5, 1, 2, 3.5)
    expect(decode(all, vector).content).toEqual({ kind: 'vector', vectors: { rows: 3, cols: 3, data } })
    const apart = decode([message('1,2', csvHeaders('x,y'))], of({ kind: 'vector', columns: ['x', 'y'] }))
    expect(apart.content).toEqual({ kind: 'vector', vectors: { rows: 1, cols: 2, data: Float32Array.of(1, 2) } })
  })

  it('goes by the first vector where no length is given', () => {
    const batch = decode([message('{"v":[1,2]}'), message('{"v":[1]}')], of({ kind: 'vector', column: 'v' }))
    expect(batch.rejected.map(({ code }) => code)).toEqual(['VALUE_WRONG_SHAPE'])
  })
})

describe('decode of images', () => {
  const pixels = [0, 50, 100, 150, 200, 250]
  const gray = png(3, 2, (i) => [pixels[i] ?? 0, pixels[i] ?? 0, pixels[i] ?? 0])

  it.each([
    ['a flat list', JSON.stringify(pixels)],
    ['a nested list', JSON.stringify([pixels.slice(0, 3), pixels.slice(3)])],
    ['raw bytes in base64', JSON.stringify(Buffer.from(pixels).toString('base64'))],
    ['a PNG in base64', JSON.stringify(gray.toString('base64'))],
    ['a data URL', JSON.stringify(`data:image/png;base64,${gray.toString('base64')}`)],
  ])('reads %s', (_, cell) => {
    const { content, rejected } = decode([message(`{"image":${cell}}`)], image)
    expect(rejected).toEqual([])
    expect(content).toEqual({ kind: 'image', height: 2, width: 3, channels: 1, pixels: Uint8Array.from(pixels) })
  })

  it('reads colours', () => {
    const colour = png(1, 1, () => [1, 2, 3]).toString('base64')
    const fields = of({ kind: 'image', column: 'image', height: 1, width: 1, channels: 3 })
    const { content } = decode([message(JSON.stringify({ image: colour }))], fields)
    expect(content.kind === 'image' && [...content.pixels]).toEqual([1, 2, 3])
  })

  it.each([
    ['too few pixels', '[1,2,3]', 'VALUE_WRONG_SHAPE'],
    ['pixels over 255', '[1,2,3,4,5,256]', 'VALUE_WRONG_SHAPE'],
    ['fractions', '[1,2,3,4,5,0.5]', 'VALUE_WRONG_SHAPE'],
    ['no numbers', '[1,2,3,4,5,"6"]', 'FIELD_MISTYPED'],
    ['infinity', '[1,2,3,4,5,1e999]', 'VALUE_NOT_FINITE'],
    ['a list nested too deep', '[[[[1,2,3,4,5,6]]]]', 'FIELD_MISTYPED'],
    ['null', 'null', 'FIELD_MISSING'],
    ['text that is no base64', '"hello, world"', 'FIELD_MISTYPED'],
    ['bytes of another size', '"AAAA"', 'VALUE_WRONG_SHAPE'],
    ['a PNG of another size', JSON.stringify(png(2, 2, () => [1, 1, 1]).toString('base64')), 'VALUE_WRONG_SHAPE'],
    ['a PNG in colour', JSON.stringify(png(3, 2, (i) => [i, 0, 9]).toString('base64')), 'VALUE_WRONG_SHAPE'],
    ['a PNG that is cut', JSON.stringify(gray.subarray(0, 60).toString('base64')), 'BYTES_MALFORMED'],
    ['a PNG cut in its header', JSON.stringify(gray.subarray(0, 20).toString('base64')), 'BYTES_MALFORMED'],
  ])('rejects %s', (_, cell, code) => {
    expect(codeOf(`{"image":${cell}}`, image)).toBe(code)
  })

  it('refuses a PNG whose data unfolds to more than its header says', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000))
    const data = Buffer.concat([gray.subarray(0, 33), chunk('IDAT', bomb), chunk('IEND', Buffer.alloc(0))])
    const { rejected, id } = decode([message(JSON.stringify({ image: data.toString('base64') }))], image)
    expect(id.length + rejected.length).toBe(1)
  })
})

/** A PNG chunk without a right checksum: the reader must not get as far as to mind. */
function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)])
}

describe('decode of Arrow', () => {
  const stream = (columns: { [name: string]: unknown[] }) => tableToIPC(tableFromArrays(columns), 'stream')

  it('reads many rows of a message, dictionaries resolved', () => {
    const batch = decode([message(stream({ text: ['a', 'b', 'a'], label: ['x', 'y', 'x'] }), arrowHeaders, 9n)], text)
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
    const batch = decode([message(tableToIPC(new Table({ text: broken }), 'stream'), arrowHeaders)], text)
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
})
