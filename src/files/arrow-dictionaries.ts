import { DataType, Dictionary, makeData, RecordBatch, Schema, Struct, vectorFromArray, type Data } from 'apache-arrow'

/**
 * A record batch whose columns of texts by dictionary have dictionaries of their own, with the texts that its rows use and
 * no others. Rows that travel alone would otherwise take along the dictionary of the whole file.
 */
export function withOwnDictionaries(batch: RecordBatch): RecordBatch {
  if (!batch.data.children.some(isTextDictionary)) return batch
  const children = batch.data.children.map((child, i) => {
    if (!isTextDictionary(child)) return child
    const { indices, dictionary } = child.type as Dictionary
    const values = Array.from(batch.getChildAt(i) ?? [], (value) => value as unknown)
    // Another id than that of the file's dictionary, which may still be in use.
    const own = vectorFromArray(values, new Dictionary(dictionary, indices))
    return own.data[0] ?? child
  })
  const fields = batch.schema.fields.map((field, i) => field.clone({ type: children[i]?.type ?? field.type }))
  const data = makeData({ type: new Struct(fields), length: batch.numRows, nullCount: 0, children })
  return new RecordBatch(new Schema(fields, batch.schema.metadata), data)
}

function isTextDictionary({ type }: Data): boolean {
  // The order of an ordered one says something: it stays whole.
  return (
    DataType.isDictionary(type) &&
    !type.isOrdered &&
    (DataType.isUtf8(type.dictionary) || DataType.isLargeUtf8(type.dictionary))
  )
}
