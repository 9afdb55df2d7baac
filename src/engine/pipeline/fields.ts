import type { ContentFields, Fields } from '../decode/fields.ts'
import { TasterError } from '../../core/errors.ts'
import type { Configuration } from './schema.ts'

type Written = Configuration['input']['fields']

function contentOf({ text, image, vector, row }: Written): ContentFields {
  if (text !== undefined) return { kind: 'text', columns: [text].flat() }
  if (image !== undefined) return { kind: 'image', ...image }
  if (Array.isArray(vector)) return { kind: 'vector', columns: vector }
  if (vector !== undefined) return { kind: 'vector', column: vector }
  if (row !== undefined) return { kind: 'row', ...row }
  throw new TasterError('INVARIANT_BROKEN', 'A pipeline without content was taken for valid')
}

/** What decode is told of the fields that a valid pipeline names. */
export function fieldsOf(written: Written): Fields {
  const { id, source, time, label, labelRequired } = written
  return {
    ...(id !== undefined && { id }),
    ...(source !== undefined && { source }),
    ...(time !== undefined && { time }),
    ...(label !== undefined && { label }),
    labelRequired,
    content: contentOf(written),
  }
}
