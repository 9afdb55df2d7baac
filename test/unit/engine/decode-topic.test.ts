import { describe, expect, it } from 'vitest'
import type { Header } from '../../../src/core/message.ts'
import { decode } from '../../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import type { Fields } from '../../../src/engine/decode/fields.ts'
import { defaultLimits } from '../../../src/engine/decode/limits.ts'
import type { Messages } from '../../../src/engine/decode/recognise.ts'
import { jsonHeaders, message, row, text as labelled } from './decode-messages.ts'

const text: Fields = { id: 'id', labelRequired: false, content: labelled.content }
const typed = (type: string) => [textHeader(headers.contentType, type)]

/** Texts, and codes by row, of one message of a topic. */
function read(value: string | Uint8Array | null, given: readonly Header[] = [], messages: Messages = {}) {
  const { content, rejected, id } = decode([message(value, given)], { ...text, messages })
  return {
    id,
    text: content.kind === 'text' ? content.text : [],
    faults: rejected.map(({ row: at, code }) => [at, code]),
    reason: rejected[0]?.reason ?? '',
  }
}

describe('decode of an array', () => {
  it.each([
    ['of JSON by its header', jsonHeaders],
    ['by its first byte', []],
    ['of JSON with another suffix', typed('application/vnd.mail+json; charset=utf-8')],
  ])('%s takes a row of each object', (_, given) => {
    const value = ' [ {"text":"a"} ,\n{"text":"b, ]}\\"[","id":7}, {"text":"c"}]\n'
    expect(read(value, given)).toMatchObject({
      text: ['a', 'b, ]}"[', 'c'],
      id: ['in:0:0#0', '7', 'in:0:0#2'],
      faults: [],
    })
  })

  it.each([
    ['[]', [[0, 'RECORD_EMPTY']], []],
    [' [ ] ', [[0, 'RECORD_EMPTY']], []],
    ['[1,"x",null,[],{"text":"a"}]', [0, 1, 2, 3].map((at) => [at, 'FIELD_MISTYPED']), ['a']],
    ['[{"text":"a"},{"text":}]', [[1, 'BYTES_MALFORMED']], ['a']],
    ['[{"text":"a"},]', [[1, 'RECORD_EMPTY']], ['a']],
    ['[{"text":"a"} {"text":"b"}]', [[0, 'BYTES_MALFORMED']], []],
    ['[{"text":"a"},{"text":"b', [[1, 'BYTES_MALFORMED']], ['a']],
    ['[{"text":"a"}] x', [[1, 'BYTES_MALFORMED']], ['a']],
    ['[{"text":"a"]}', [[0, 'BYTES_MALFORMED']], []],
    ['[}]', [[0, 'BYTES_MALFORMED']], []],
    ['[', [[0, 'BYTES_MALFORMED']], []],
    [`[{"text":"a"},{"text":${'['.repeat(100_000)}`, [[1, 'BYTES_MALFORMED']], ['a']],
    [`[{"text":"a"},${'['.repeat(100_000)}${']'.repeat(100_000)}]`, [[1, 'RECORD_TOO_DEEP']], ['a']],
    ['[{"text":"a"},{"txt":"b"}]', [[1, 'FIELD_MISSING']], ['a']],
  ])('keeps rows apart: %.40s', (value, faults, texts) => {
    expect(read(value, jsonHeaders)).toMatchObject({ faults, text: texts })
  })

  it('tells bad rows by their bytes, their size and their numbers', () => {
    const bad = Buffer.concat([Buffer.from('[{"text":"a"},{"text":"'), Buffer.from([0xff]), Buffer.from('"}]')])
    expect(read(bad)).toMatchObject({ faults: [[1, 'BYTES_NOT_UTF8']], text: ['a'] })
    const large = `[{"text":"a"},{"text":"${'x'.repeat(defaultLimits.recordBytes)}"}]`
    expect(read(large)).toMatchObject({ faults: [[1, 'RECORD_TOO_LARGE']], text: ['a'] })
    const huge = decode([message('[{"n":1e999},{"n":-1e400},{"n":1e308}]')], { ...row(['n']), messages: {} })
    expect(huge.rejected.map(({ code }) => code)).toEqual(['VALUE_NOT_FINITE', 'VALUE_NOT_FINITE'])
    const limits = { ...defaultLimits, messageRows: 2 }
    const { rejected } = decode(
      [message('[{"text":"a"},{"text":"b"},{"text":"c"}]')],
      { ...text, messages: {} },
      limits,
    )
    expect(rejected).toMatchObject([{ row: 0, code: 'RECORD_TOO_LARGE' }])
  })

  it('is one mistyped row where it is a row of a file', () => {
    expect(decode([message('[{"text":"a"}]')], text).rejected).toMatchObject([{ row: 0, code: 'FIELD_MISTYPED' }])
  })
})

describe('decode without a content type', () => {
  it.each([
    ['an object', '{"text":"a"}', ['a']],
    ['an object that is set out over lines', '{\n "text":"a"\n}\n', ['a']],
    ['behind a byte order mark', '\ufeff\n{"text":"a"}', ['a']],
    ['an array behind a byte order mark', '\ufeff[{"text":"a"}]', ['a']],
    ['lines', '{"text":"a"}\n{"text":"b"}\n', ['a', 'b']],
    ['lines that end as on Windows', '{"text":"a"}\r\n{"text":"b"}', ['a', 'b']],
  ])('tells by the bytes: %s', (_, value, texts) => {
    expect(read(value)).toMatchObject({ text: texts, faults: [] })
  })

  it('believes the pipeline, and a header more', () => {
    const lines = { contentType: contentTypes.lines }
    expect(read('{"text":"a"}\n\n{"text":"b"}', [], lines).text).toEqual(['a', 'b'])
    expect(read('{"text":"a"}\n{"text":', [], lines)).toMatchObject({ text: ['a'], faults: [[1, 'BYTES_MALFORMED']] })
    expect(read('text\na', jsonHeaders, { contentType: contentTypes.csv }).faults).toEqual([[0, 'BYTES_MALFORMED']])
    const parquet = read('PAR1', [], { contentType: 'application/vnd.apache.parquet' })
    expect(parquet.reason).toMatch(/'application\/vnd.apache.parquet' is not one of/)
  })

  it('rejects what it cannot tell', () => {
    for (const value of ['text', '"a"', '7', '\u0000', '\u0000\u0000', '\ufeff'])
      expect(read(value).faults).toEqual([[0, 'BYTES_MALFORMED']])
    expect(read('x', typed('image/\u001b[31mjpeg')).reason).toContain("'image/\\e[31mjpeg'")
  })
})

describe('decode of CSV messages', () => {
  it('takes column names from the first record', () => {
    const value = 'id,text\n1,a\n2,"b ""c"",\nd"\n\n3\n4,e\n'
    expect(read(value, typed(contentTypes.csv))).toMatchObject({
      id: ['1', '2', '4'],
      text: ['a', 'b "c",\nd', 'e'],
      faults: [[2, 'BYTES_MALFORMED']],
    })
    expect(read('id\ttext\r\n1\ta\r\n', typed(contentTypes.tabs)).text).toEqual(['a'])
    expect(read('\ufeffid;text\n1;a', [...typed('text/csv'), textHeader(headers.csvDelimiter, ';')]).text).toEqual([
      'a',
    ])
  })

  it.each([
    ['text,text\na,b', 'BYTES_MALFORMED'],
    ['id,text', 'RECORD_EMPTY'],
    ['\n\n', 'RECORD_EMPTY'],
    ['text\n"a', 'BYTES_MALFORMED'],
    ['a,b\n1,2', 'FIELD_MISSING'],
    [`id,text\n1,${'x'.repeat(defaultLimits.recordBytes + 1)}`, 'RECORD_TOO_LARGE'],
  ])('rejects %.20j', (value, code) => {
    expect(read(value, typed(contentTypes.csv)).faults).toEqual([[0, code]])
  })

  it('reads one record whose column names came in a header, as rows of files do', () => {
    const given = [...typed(contentTypes.csv), textHeader(headers.csvHeader, 'id,text')]
    const other = [...typed(contentTypes.csv), textHeader(headers.csvHeader, 'text,id')]
    const batch = decode([message('1,a', given), message('2,b', [...given]), message('c,3', other)], text)
    expect(batch.content).toEqual({ kind: 'text', text: ['a', 'b', 'c'] })
    expect(batch.id).toEqual(['1', '2', '3'])
  })
})

describe('decode of what schema registries frame', () => {
  const framed = (payload: string, id = 1077) => {
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(id, 1)
    return Buffer.concat([frame, Buffer.from(payload)])
  }
  const guid = Buffer.from('01' + '0123456789abcdef'.repeat(2), 'hex')
  const inHeader: Header[] = [[headers.valueSchemaId, guid]]

  it.each([[[]], [jsonHeaders], [typed('application/x-unheard-of')]])('reads JSON behind the prefix', (given) => {
    expect(read(framed('{"text":"a"}'), given)).toMatchObject({ text: ['a'], faults: [] })
    expect(read(framed(' [{"text":"a"},{"text":"b"}]'), given)).toMatchObject({ text: ['a', 'b'], faults: [] })
  })

  it('reads JSON whose schema a header names', () => {
    expect(read('{"text":"a"}', inHeader)).toMatchObject({ text: ['a'], faults: [] })
    expect(read('[{"text":"a"}]', [...jsonHeaders, ...inHeader]).text).toEqual(['a'])
    // What is no such frame is left alone.
    expect(read('{"text":"a"}', [[headers.valueSchemaId, Buffer.from('xyz')]]).text).toEqual(['a'])
    expect(read('{"text":"a"}', [[headers.valueSchemaId, null]]).text).toEqual(['a'])
  })

  it('says of other payloads which schema they have', () => {
    for (const payload of ['\u0002\u0004ab', '', '\u0000{"text":"a"}', 'text']) {
      const { reason, faults } = read(framed(payload))
      expect(faults).toEqual([[0, 'BYTES_MALFORMED']])
      expect(reason).toMatch(/with schema 1077 of a schema registry/)
    }
    expect(read(framed('text')).reason).toMatch(/schema 1077 .*only JSON payloads are read/)
    expect(read('\u0002\u0004ab', inHeader).reason).toMatch(
      /schema 01234567-89ab-cdef-0123-456789abcdef .*only JSON payloads are read/,
    )
    expect(read(framed('{broken', 2 ** 32 - 1)).reason).toMatch(/schema 4294967295 .*not JSON/)
  })

  it('keeps the bytes as they came', () => {
    const value = framed('{"text":"a"}')
    const { messages } = decode([message(value, [])], { ...text, messages: {} })
    expect(messages[0]?.value).toBe(value)
  })
})

describe('decode of messages that are not to be read', () => {
  it.each(['gzip', 'br', 'aws-kms\u001b[0m'])('rejects the content encoding %j', (encoding) => {
    const { faults, reason } = read('{"text":"a"}', [textHeader(headers.contentEncoding, encoding)])
    expect(faults).toEqual([[0, 'BYTES_MALFORMED']])
    expect(reason).not.toContain('\u001b')
    expect(reason).toMatch(/encoded as/)
  })

  it.each(['identity', ' UTF-8', ''])('reads the content encoding %j', (encoding) => {
    expect(read('{"text":"a"}', [textHeader(headers.contentEncoding, encoding)]).text).toEqual(['a'])
  })

  it('says that a tombstone is one, and not an empty value', () => {
    expect(read(null)).toMatchObject({ faults: [[0, 'RECORD_EMPTY']], reason: expect.stringMatching(/tombstone/) })
    expect(read('')).toMatchObject({ faults: [[0, 'RECORD_EMPTY']], reason: 'the message holds nothing' })
  })

  it('stops messages that go round in a loop', () => {
    const hop = (...values: (string | null)[]) =>
      values.map((value): Header => [headers.hop, value === null ? null : Buffer.from(value)])
    for (const passed of [
      hop('7'),
      hop('8', '7'),
      hop('x'),
      hop('8', null),
      hop('-9'),
      hop('0x9'),
      hop('9'.repeat(10)),
    ])
      expect(read('{"text":"a"}', passed).text).toEqual(['a'])
    for (const looping of [hop('8'), hop('1', '100'), hop('008')])
      expect(read('{"text":"a"}', looping)).toMatchObject({
        faults: [[0, 'HOPS_EXCEEDED']],
        reason: expect.stringMatching(/has passed \d+ pipelines/),
      })
  })
})
