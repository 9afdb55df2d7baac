import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import { rowsIn } from '../../../src/engine/decode/rows-in.ts'
import { arrowHeaders, jsonHeaders, message } from './decode-messages.ts'

const typed = (type: string) => [textHeader(headers.contentType, type)]
const lines = typed(contentTypes.lines)
const csv = typed(contentTypes.csv)

describe('rowsIn', () => {
  it.each([
    ['a tombstone', null, [], 'one'],
    ['nothing', '', [], 'one'],
    ['an object', '{"a":\n1}', [], 'one'],
    ['an object by its header', '{"a":1}\n{"a":2}', jsonHeaders, 'one'],
    ['an array', '\ufeff [{"a":1}]', [], 'many'],
    ['an array by its header', '[{"a":1}]', jsonHeaders, 'many'],
    ['two lines', '{"a":1}\n{"a":2}', [], 'many'],
    ['one line', '{"a":1}\n', lines, 'one'],
    ['lines', 'x\ny', lines, 'many'],
    ['a CSV header and a record', 'a,b\n1,2\n', csv, 'one'],
    ['a CSV header and two records', 'a,b\n1,2\n3,4', csv, 'many'],
    ['a CSV record', '1,2\n3,4\n5,6', [...csv, textHeader(headers.csvHeader, 'a,b')], 'one'],
    ['Arrow', tableToIPC(tableFromArrays({ a: [1] }), 'stream'), arrowHeaders, 'many'],
    ['Arrow by its first bytes', tableToIPC(tableFromArrays({ a: [1] }), 'stream'), [], 'many'],
    ['what a registry frames', Buffer.from('\0\0\0\0\u0007[{"a":1}]'), [], 'many'],
    ['an object that a registry frames', Buffer.from('\0\0\0\0\u0007{"a":1}'), [], 'one'],
    ['what cannot be read', 'hello', [], 'one'],
    ['what is not to be read', '[1]', [textHeader(headers.contentEncoding, 'gzip')], 'one'],
  ] as const)('%s', (_, value, given, expected) => {
    expect(rowsIn(message(value, given))).toBe(expected)
  })

  it('takes the content type of the pipeline where a message names none', () => {
    expect(rowsIn(message('a\n1\n2', []), { contentType: contentTypes.csv })).toBe('many')
    expect(rowsIn(message('[1]', jsonHeaders), { contentType: contentTypes.csv })).toBe('many')
  })
})
