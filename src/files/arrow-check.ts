import { DataType, type Data, type RecordBatch } from 'apache-arrow'
import { Damage } from './damage.ts'

/**
 * Holds a record batch against itself: offsets rise and stay inside what they point to, and buffers are as long as their
 * columns. The reader does not ask, and what is cut from an array that lies about itself would lie as well.
 * Throws Damage.
 */
export function checkBatch(batch: RecordBatch): void {
  for (const child of batch.data.children) check(child, batch.numRows)
}

function check(data: Data, rows: number): void {
  const { type, length, offset, values, children } = data
  const end = offset + length
  if (length < rows) broken()
  if (data.nullable && data.nullBitmap.length > 0 && data.nullBitmap.length * 8 < length) broken()
  if (DataType.isDictionary(type)) {
    for (const part of data.dictionary?.data ?? []) check(part, 0)
    if (valuesOf(values) < end) broken()
  } else if (
    DataType.isUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isLargeBinary(type)
  )
    checkOffsets(data, valuesOf(values))
  else if (DataType.isList(type) || DataType.isMap(type) || DataType.isLargeList(type)) {
    const [child] = children
    if (child === undefined) return broken()
    checkOffsets(data, child.length)
    check(child, 0)
  } else if (DataType.isFixedSizeList(type)) for (const child of children) check(child, end * type.listSize)
  else if (DataType.isStruct(type)) for (const child of children) check(child, length)
  else if (DataType.isUnion(type)) for (const child of children) check(child, 0)
  else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) checkViews(data)
  else if (DataType.isBool(type)) {
    if (valuesOf(values) * 8 < length) broken()
  } else if (!DataType.isNull(type) && valuesOf(values) < length * data.stride) broken()
}

function checkOffsets(data: Data, limit: number): void {
  const offsets: Int32Array | BigInt64Array = data.valueOffsets
  if (data.length === 0) return
  let before = 0
  for (let i = 0; i <= data.length; i++) {
    const offset = Number(offsets[i] ?? -1)
    if (offset < before || offset > limit) broken()
    before = offset
  }
}

function checkViews(data: Data): void {
  const views = data.values as Uint8Array
  if (views.length < (data.offset + data.length) * 16) broken()
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength)
  for (let row = data.offset; row < data.offset + data.length; row++) {
    const bytes = view.getInt32(row * 16, true)
    if (bytes <= 12 && bytes >= 0) continue
    if (!data.getValid(row - data.offset)) continue
    const buffer = data.variadicBuffers[view.getInt32(row * 16 + 8, true)]
    const at = view.getInt32(row * 16 + 12, true)
    if (buffer === undefined || bytes < 0 || at < 0 || at + bytes > buffer.length) broken()
  }
}

function valuesOf(values: unknown): number {
  return ArrayBuffer.isView(values) && 'length' in values ? Number(values.length) : 0
}

function broken(): never {
  throw new Damage('a column contradicts itself')
}
