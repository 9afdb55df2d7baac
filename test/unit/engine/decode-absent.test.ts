import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import type { Header, Message } from '../../../src/core/message.ts'
import { decode } from '../../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import type { Fields } from '../../../src/engine/decode/fields.ts'

const fields: Fields = {
  id: 'id',
  source: 'sorce',
  time: 'time',
  label: 'label',
  labelRequired: true,
  content: { kind: 'text', columns: ['text'] },
}
const message = (value: string | Uint8Array, given: readonly Header[]): Message => ({
  at: { topic: 'in', partition: 0, offset: 0n },
  timestamp: 0,
  key: null,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: given,
})
const json = (record: object) => message(JSON.stringify(record), [textHeader(headers.contentType, contentTypes.json)])
const csv = (names: string, record: string) =>
  message(record, [textHeader(headers.contentType, contentTypes.csv), textHeader(headers.csvHeader, names)])

const whole = { id: 1, sorce: 's', time: 0, label: 'x', text: 'a' }

describe('a column that is named and not there', () => {
  it.each([
    ['source', 'id,source,time,label,text', "no column 'sorce'", "mean 'source'"],
    ['id', 'idd,sorce,time,label,text', "no column 'id'", "mean 'idd'"],
    ['time', 'id,sorce,tme,label,text', "no column 'time'", "mean 'tme'"],
    ['label', 'id,sorce,time,lable,text', "no column 'label'", "mean 'lable'"],
    ['text', 'id,sorce,time,label,txt', "no column 'text'", "mean 'txt'"],
  ])('rejects every row of a CSV file: %s', (_, names, what, meant) => {
    const { id, rejected } = decode([csv(names, '1,s,0,x,a')], fields)
    expect(id).toEqual([])
    expect(rejected.map(({ code }) => code)).toEqual(['FIELD_MISSING'])
    expect(rejected[0]?.reason).toContain(what)
    expect(rejected[0]?.reason).toContain(meant)
  })

  it('rejects every row of an Arrow table, even where labels are optional', () => {
    const { sorce: _, ...columns } = whole
    const table = tableFromArrays(
      Object.fromEntries(Object.entries({ ...columns, source: 's' }).map(([name, value]) => [name, [value, value]])),
    )
    const given = [textHeader(headers.contentType, contentTypes.arrow)]
    const { rejected } = decode([message(tableToIPC(table, 'stream'), given)], fields)
    expect(rejected.map(({ code }) => code)).toEqual(['FIELD_MISSING', 'FIELD_MISSING'])
    expect(rejected[0]?.reason).toContain("Did you mean 'source'?")
  })

  it('is allowed in JSON records one by one, and told where no record has it', () => {
    const { sorce: _, ...without } = whole
    const batch = decode([json({ ...without, source: 's' }), json(without)], fields)
    expect(batch.rejected).toEqual([])
    expect(batch.absent).toEqual([{ part: 'source', name: 'sorce', nearest: 'source' }])
    expect(decode([json(without), json(whole)], fields).absent).toBeUndefined()
    expect(decode([json({ ...without, sorce: null })], fields).absent).toBeUndefined()
    expect(decode([], fields).absent).toBeUndefined()
  })

  it('is a missing field where it is the label, which null and empty ones are not', () => {
    const { label: _, ...without } = whole
    const { rejected } = decode(
      [json({ ...without, lable: 'x' }), json({ ...whole, label: null }), json({ ...whole, label: '' })],
      fields,
    )
    expect(rejected.map(({ code }) => code)).toEqual(['FIELD_MISSING', 'LABEL_MISSING', 'LABEL_MISSING'])
    expect(rejected[0]?.reason).toContain("Did you mean 'lable'?")
  })
})
