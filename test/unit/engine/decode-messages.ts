import { expect } from 'vitest'
import type { Header, Message } from '../../../src/core/message.ts'
import { decode } from '../../../src/engine/decode.ts'
import { contentTypes, headers, textHeader } from '../../../src/engine/decode/content-type.ts'
import type { ContentFields, Fields } from '../../../src/engine/decode/fields.ts'

export const jsonHeaders = [textHeader(headers.contentType, contentTypes.json)]
export const csvHeaders = (names: string, delimiter = ','): readonly Header[] => [
  textHeader(headers.contentType, contentTypes.csv),
  textHeader(headers.csvHeader, names),
  textHeader(headers.csvDelimiter, delimiter),
]
export const arrowHeaders = [textHeader(headers.contentType, contentTypes.arrow)]

export function message(
  value: string | Uint8Array | null,
  given: readonly Header[] = jsonHeaders,
  offset = 0n,
): Message {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return { at: { topic: 'in', partition: 0, offset }, timestamp: 0, key: null, value: bytes, headers: given }
}

export const text: Fields = {
  id: 'id',
  label: 'label',
  labelRequired: false,
  content: { kind: 'text', columns: ['text'] },
}
export const of = (content: ContentFields): Fields => ({ labelRequired: false, content })
export const row = (numeric: string[], category: string[] = []): Fields => of({ kind: 'row', numeric, category })
export const vector = of({ kind: 'vector', column: 'v', dims: 3 })
export const image = of({ kind: 'image', column: 'image', height: 2, width: 3, channels: 1 })

/** The single code that one message is rejected with. */
export function codeOf(
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
