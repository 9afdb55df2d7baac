import {
  DataType,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Struct,
  type BinaryView,
  type Data,
  type Utf8View,
} from 'apache-arrow'
import { withOwnDictionaries } from './arrow-dictionaries.ts'

/** Rows `from` up to `to` of a record batch as an Arrow IPC stream of their own. */
export function sliceToStream(batch: RecordBatch, from: number, to: number): Uint8Array {
  const writer = new RecordBatchStreamWriter()
  writer.write(sliceRows(batch, from, to))
  writer.finish()
  return writer.toUint8Array(true)
}

/** The same with dictionaries that hold no more than these rows use: less to send, for bytes that the file did not have. */
export function sliceToSmallStream(batch: RecordBatch, from: number, to: number): Uint8Array {
  const rows = withOwnDictionaries(sliceRows(batch, from, to))
  return sliceToStream(rows, 0, rows.numRows)
}

function sliceRows(batch: RecordBatch, from: number, to: number): RecordBatch {
  const slice = from === 0 && to === batch.numRows ? batch : batch.slice(from, to)
  if (!batch.data.children.some(({ type }) => isView(type))) return slice
  const children = batch.data.children.map((child, i) =>
    isView(child.type)
      ? compactView(child as Data<Utf8View | BinaryView>, from, to)
      : (slice.data.children[i] ?? child),
  )
  const { fields } = batch.schema
  const data = makeData({ type: new Struct(fields), length: to - from, nullCount: 0, children })
  return new RecordBatch(batch.schema, data)
}

function isView(type: DataType): boolean {
  return DataType.isUtf8View(type) || DataType.isBinaryView(type)
}

/** True where view columns lie inside other columns, which this reader cannot cut into rows. */
export function hasNestedView(type: DataType, nested = false): boolean {
  if (nested && isView(type)) return true
  if (DataType.isDictionary(type)) return hasNestedView(type.dictionary, true)
  return (type.children ?? []).some((field) => hasNestedView(field.type, true))
}

const viewBytes = 16
const inlineBytes = 12

/**
 * A view column's values are 16-byte views: length, then up to 12 bytes in place, or a prefix, a buffer's number and an
 * offset (Arrow columnar format, variable-size binary view layout). A slice takes along only the bytes that it uses.
 */
function compactView<T extends Utf8View | BinaryView>(data: Data<T>, from: number, to: number): Data<T> {
  const length = to - from
  const start = (data.offset + from) * viewBytes
  const views = data.values.slice(start, start + length * viewBytes)
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength)
  const valid = new Uint8Array((length + 7) >>> 3)
  const parts: Uint8Array[] = []
  let size = 0
  let nulls = 0
  for (let row = 0; row < length; row++) {
    if (!data.getValid(from + row)) {
      views.fill(0, row * viewBytes, (row + 1) * viewBytes)
      nulls++
      continue
    }
    valid[row >>> 3] = (valid[row >>> 3] ?? 0) | (1 << (row & 7))
    const bytes = view.getInt32(row * viewBytes, true)
    if (bytes <= inlineBytes) continue
    const buffer = data.variadicBuffers[view.getInt32(row * viewBytes + 8, true)] ?? new Uint8Array()
    const at = view.getInt32(row * viewBytes + 12, true)
    parts.push(buffer.subarray(at, at + bytes))
    view.setInt32(row * viewBytes + 8, 0, true)
    view.setInt32(row * viewBytes + 12, size, true)
    size += bytes
  }
  return makeData({
    type: data.type,
    offset: 0,
    length,
    nullCount: nulls,
    nullBitmap: nulls === 0 ? undefined : valid,
    views,
    variadicBuffers: size === 0 ? [] : [Buffer.concat(parts, size)],
  } as Parameters<typeof makeData>[0]) as unknown as Data<T>
}
