import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import type { Fields } from '../../../src/engine/decode/fields.ts'
import { codeOf, csvHeaders, message, row, text } from './decode-messages.ts'

const plain: Fields = { id: 'id', labelRequired: false, content: text.content }

describe('decode of CSV', () => {
  const read = (record: string, names = 'id,text', delimiter = ',') =>
    decode([message(record, csvHeaders(names, delimiter))], plain)

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
    expect(codeOf(record, plain, csvHeaders('id,text'))).toBe(code)
  })

  it('rejects every row where a column is named twice or is not there', () => {
    expect(codeOf('1,a', plain, csvHeaders('text,text'))).toBe('BYTES_MALFORMED')
    expect(codeOf('1,a', plain, csvHeaders('id,txt'))).toBe('FIELD_MISSING')
    expect(codeOf('1,a', plain, [textHeader(headers.contentType, contentTypes.csv)])).toBe('BYTES_MALFORMED')
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
