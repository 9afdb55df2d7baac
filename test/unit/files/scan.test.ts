import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { splitRecord } from '../../../src/engine/decode/csv.ts'
import { csvScanner, jsonScanner, lineScanner, type Scanner } from '../../../src/files/scan.ts'
import { splitter, type Row } from '../../../src/files/split.ts'

/** The rows of a text that comes in chunks of a size. */
function rowsOf(scanner: Scanner, text: string, size: number, recordBytes = 1e6): Row[] {
  const split = splitter(scanner, recordBytes, undefined)
  const bytes = Buffer.from(text)
  const rows: Row[] = []
  for (let at = 0; at < bytes.length; at += size) rows.push(...split.push(bytes.subarray(at, at + size)))
  return [...rows, ...split.end()]
}

const texts = (rows: readonly Row[]) => rows.map(({ bytes }) => Buffer.from(bytes).toString())
const whole = 1e6

describe.each([1, 2, 3, 7, whole])('in chunks of %i bytes', (size) => {
  it('cuts lines and keeps their ends', () => {
    expect(texts(rowsOf(lineScanner(), 'a\r\n\n\r\nbc\nd', size))).toEqual(['a\r\n', 'bc\n', 'd'])
    expect(rowsOf(lineScanner(), '', size)).toEqual([])
    expect(rowsOf(lineScanner(), '\n\n', size)).toEqual([])
  })

  it('keeps quoted line feeds inside a CSV record', () => {
    const text = 'a,"b\nc",d\r\n"x ""y""\n",2,3\n5" 6\n,"7"'
    expect(texts(rowsOf(csvScanner(44), text, size))).toEqual(['a,"b\nc",d\r\n', '"x ""y""\n",2,3\n', '5" 6\n', ',"7"'])
  })

  it('says that a CSV quote never closes', () => {
    const rows = rowsOf(csvScanner(44), 'a,b\n1,"2\n3,4\n', size)
    expect(texts(rows)).toEqual(['a,b\n', '1,"2\n3,4\n'])
    expect(rows.map(({ unreadable }) => unreadable?.code)).toEqual([undefined, 'BYTES_MALFORMED'])
  })

  it('takes the elements of a JSON array, whatever they are', () => {
    const text = ' [ {"a": "]},{", "b": [1, {}]} , 12,"x\\"]",\ttrue,[[]] ] \n'
    const scanner = jsonScanner()
    expect(texts(rowsOf(scanner, text, size))).toEqual(['{"a": "]},{", "b": [1, {}]}', '12', '"x\\"]"', 'true', '[[]]'])
    expect(scanner.isArray()).toBe(true)
  })

  it('takes JSON values one after another, and a single one', () => {
    expect(texts(rowsOf(jsonScanner(), '\ufeff{"a":1}{"b":2}\n3 4', size))).toEqual(['{"a":1}', '{"b":2}', '3', '4'])
    expect(texts(rowsOf(jsonScanner(), '{"a":\n1}\n', size))).toEqual(['{"a":\n1}'])
  })

  it('does not mind how deep JSON nests', () => {
    const deep = '['.repeat(size === whole ? 100_000 : 2000) + ']'.repeat(size === whole ? 100_000 : 2000)
    expect(texts(rowsOf(jsonScanner(), `[${deep},1]`, size))).toEqual([deep, '1'])
  })

  it.each([
    ['[{"a":1},{"a":', ['{"a":1}', '{"a":']],
    ['[{"a":1},', ['{"a":1}', '']],
    ['[{"a":1}', ['{"a":1}', '']],
    ['{"a":1}{"b', ['{"a":1}', '{"b']],
    ['[1 2, 3]', ['1', '2, 3]']],
    ['[1] x', ['1', 'x']],
    ['{"a":1}]{"b":2}', ['{"a":1}', ']{"b":2}']],
  ])('gives the rest of %s as one unreadable stretch', (text, expected) => {
    const rows = rowsOf(jsonScanner(), text, size)
    expect(texts(rows)).toEqual(expected)
    expect(rows.at(-1)?.unreadable?.code).toBe('BYTES_MALFORMED')
  })

  it('lets go of a row over the limit, counted and digested', () => {
    if (size > 100) return
    const rows = rowsOf(lineScanner(), `a\n${'x'.repeat(300)}\nb\n`, size, 100)
    expect(texts(rows)).toEqual(['a\n', '', 'b\n'])
    expect(rows[1]?.unreadable?.code).toBe('RECORD_TOO_LARGE')
    expect(rows[1]?.spooled).toMatchObject({ path: undefined, bytes: 301 })
  })
})

describe('CSV against csv-parse', () => {
  it.each(['a,b\n1,"2,3"\n"x\ny",""\n', '"a""",b\r\n,\r\n" 1 ",2', 'é,ü\n"ß\r\n",ø\n'])('reads %j alike', (text) => {
    const ours = texts(rowsOf(csvScanner(44), text, whole)).map((record) => splitRecord(record, ','))
    expect(ours).toEqual(parse(text))
  })
})
