import { tableFromArrays, tableToIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sizeOf, type Content } from '../../src/core/batch.ts'
import { codes } from '../../src/core/errors.ts'
import type { Header, Message } from '../../src/core/message.ts'
import { decode } from '../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../src/engine/decode/content-type.ts'
import type { Fields } from '../../src/engine/decode/fields.ts'
import { inferRow, suggestFields } from '../../src/engine/decode/infer.ts'

const seed = 20240607

const ofFiles: readonly Fields[] = [
  {
    id: 'id',
    source: 's',
    time: 't',
    label: 'l',
    labelRequired: true,
    content: { kind: 'text', columns: ['a', 'b.c'] },
  },
  { labelRequired: false, content: { kind: 'image', column: 'a', height: 2, width: 2, channels: 1 } },
  { labelRequired: false, content: { kind: 'vector', column: 'a' } },
  { id: 'a', labelRequired: false, content: { kind: 'row', numeric: ['a'], category: ['b'] } },
]
const all = [
  ...ofFiles,
  ...ofFiles.map((fields): Fields => ({ ...fields, messages: {} })),
  ...Object.values(contentTypes).map((contentType): Fields => ({
    labelRequired: false,
    content: { kind: 'vector', column: 'a' },
    messages: { contentType },
  })),
]

const types: readonly (readonly Header[])[] = [
  [],
  [textHeader(headers.contentType, contentTypes.json)],
  [textHeader(headers.contentType, contentTypes.lines)],
  [textHeader(headers.contentType, contentTypes.arrow)],
  [textHeader(headers.contentType, contentTypes.csv), textHeader(headers.csvHeader, 'a,b,id')],
  [textHeader(headers.contentType, contentTypes.csv)],
  [textHeader(headers.contentType, 'image/jpeg')],
  [textHeader(headers.contentType, contentTypes.tabs), textHeader(headers.csvDelimiter, '')],
  [[headers.valueSchemaId, Buffer.alloc(17, 1)]],
  [textHeader(headers.contentEncoding, 'gzip')],
  [textHeader(headers.hop, '8'), textHeader(headers.hop, '3')],
]

function messages(values: readonly (Uint8Array | null)[], given: readonly Header[]): Message[] {
  return values.map((value, i) => ({
    at: { topic: 't', partition: 0, offset: BigInt(i) },
    timestamp: 0,
    key: null,
    value,
    headers: given,
  }))
}

/** Every message ends as records or rejections, each row once, and the columns are as long as they should be. */
function isTotal(given: readonly Message[], fields: Fields): boolean {
  const batch = decode(given, fields)
  const places = [
    ...batch.id.map((_, i) => `${batch.messageOf[i]} ${batch.rowOf[i]}`),
    ...batch.rejected.map(({ message, row }) => `${message} ${row}`),
  ]
  suggestFields(given)
  inferRow(given)
  const size = sizeOf(batch)
  const columns = [batch.source.codes, batch.label.codes, batch.at, batch.messageOf, batch.rowOf]
  return (
    new Set(places).size === places.length &&
    given.every((_, i) => places.some((place) => place.startsWith(`${i} `))) &&
    batch.rejected.every(({ code, reason }) => code in codes && reason !== '') &&
    columns.every(({ length }) => length === size) &&
    isWhole(batch.content, size)
  )
}

function isWhole(content: Content, size: number): boolean {
  switch (content.kind) {
    case 'text':
      return content.text.length === size
    case 'image':
      return content.pixels.length === 4 * size
    case 'vector':
      return content.vectors.rows === size && content.vectors.data.every(Number.isFinite)
    case 'row':
      return [...content.columns.values()].every((of) => (of instanceof Float64Array ? of : of.codes).length === size)
  }
}

const someJson = fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text))
const likelyJson = fc
  .record(
    {
      a: fc.oneof(fc.string(), fc.jsonValue(), fc.array(fc.double()), fc.base64String()),
      b: fc.jsonValue(),
      id: fc.jsonValue(),
      l: fc.jsonValue(),
      t: fc.jsonValue(),
      __proto__: fc.jsonValue(),
      constructor: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((record) => Buffer.from(JSON.stringify(record)))
const someCsv = fc.stringMatching(/^[ab1,"\n\r;]{0,30}$/).map((text) => Buffer.from(text))
const arrow = fc
  .record({
    a: fc.array(fc.oneof(fc.string(), fc.constant(null)), { minLength: 1, maxLength: 5 }),
    n: fc.array(fc.double(), { minLength: 1, maxLength: 5 }),
  })
  .map(({ a, n }) => tableToIPC(tableFromArrays({ a, b: Float64Array.from(n).slice(0, a.length) }), 'stream'))
/** A stream with bytes changed and its end cut off. */
const brokenArrow = fc
  .tuple(arrow, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat())
  .map(([bytes, changes, cut]) => {
    const broken = bytes.slice(0, cut % 3 === 0 ? cut % bytes.length : bytes.length)
    for (const [at, byte] of changes) if (broken.length > 0) broken[at % broken.length] = byte
    return broken
  })
const manyJson = fc
  .tuple(
    fc.array(fc.oneof(likelyJson, someJson, fc.uint8Array({ maxLength: 8 })), { maxLength: 4 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([elements, comma, whole]) => {
    const parts = elements.flatMap((element) => [element, Buffer.from(comma ? ',' : '\n')])
    return comma ? Buffer.concat([Buffer.from('['), ...parts, Buffer.from(whole ? '{}]' : '')]) : Buffer.concat(parts)
  })
const framed = fc
  .tuple(
    fc.uint8Array({ minLength: 0, maxLength: 4 }),
    fc.oneof(manyJson, likelyJson, fc.uint8Array({ maxLength: 20 })),
  )
  .map((parts) => Buffer.concat([Buffer.of(0), ...parts]))
const anything = fc.oneof(
  manyJson,
  framed,
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(null),
  someJson,
  likelyJson,
  someCsv,
  arrow,
  brokenArrow,
)

describe('decode is total', () => {
  it('for any bytes of any content type', () => {
    const values = fc.array(anything, { maxLength: 4 })
    const property = fc.property(values, fc.constantFrom(...types), fc.constantFrom(...all), (some, type, fields) =>
      isTotal(messages(some, type), fields),
    )
    expect(() => fc.assert(property, { seed, numRuns: 5000 })).not.toThrow()
  })

  it('for Arrow streams that are damaged anywhere', () => {
    const property = fc.property(brokenArrow, fc.constantFrom(...all), (bytes, fields) =>
      isTotal(messages([bytes], types[3] ?? []), fields),
    )
    expect(() => fc.assert(property, { seed, numRuns: 2000 })).not.toThrow()
  })

  it('and the same for the same bytes', () => {
    const property = fc.property(fc.array(anything, { maxLength: 3 }), fc.constantFrom(...types), (values, type) => {
      const copies = values.map((value) => value?.slice() ?? null)
      for (const fields of all)
        expect(decode(messages(copies, type), fields)).toEqual(decode(messages(values, type), fields))
    })
    expect(() => fc.assert(property, { seed, numRuns: 120 })).not.toThrow()
  })
})
