import { Fault } from './table.ts'

/**
 * Reads FlatBuffers (https://flatbuffers.dev/internals) that nobody has checked: every offset and length is held against
 * the buffer, and no more tables are visited than the buffer has room for, so that bytes which lie cost no more than
 * bytes which do not. Throws a Fault.
 */
export interface FlatTable {
  int8(field: number): number
  int32(field: number): number
  int64(field: number): number // as a double; absent: 0
  table(field: number): FlatTable | undefined
  tables(field: number): Generator<FlatTable>
  /** A vector of scalars or structs of `size` bytes: its elements' places, for `view`. */
  places(field: number, size: number): readonly number[]
  text(field: number): void
  readonly view: DataView
}

export function flatRoot(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let budget = Math.ceil(bytes.length / 4)

  const within = (at: number, size: number): number => {
    if (at < 0 || at + size > bytes.length) throw new Fault('BYTES_MALFORMED', 'Arrow metadata points outside itself')
    return at
  }
  const target = (at: number): number => at + view.getUint32(within(at, 4), true)
  const vector = (at: number, size: number): { start: number; length: number } => {
    const start = target(at)
    const length = view.getUint32(within(start, 4), true)
    within(start + 4, length * size)
    return { start: start + 4, length }
  }

  const tableAt = (at: number): FlatTable => {
    if (--budget < 0) throw new Fault('BYTES_MALFORMED', 'Arrow metadata refers to itself')
    const offsets = within(at, 4) - view.getInt32(at, true)
    const offsetBytes = view.getUint16(within(offsets, 4), true)
    within(offsets, offsetBytes)
    within(at, view.getUint16(offsets + 2, true))
    /** Where a field stands, 0 where it is absent. */
    const place = (field: number, size: number): number => {
      const entry = 4 + field * 2
      const offset = entry + 2 <= offsetBytes ? view.getUint16(offsets + entry, true) : 0
      return offset === 0 ? 0 : within(at + offset, size)
    }
    return {
      view,
      int8: (field) => {
        const found = place(field, 1)
        return found === 0 ? 0 : view.getUint8(found)
      },
      int32: (field) => {
        const found = place(field, 4)
        return found === 0 ? 0 : view.getInt32(found, true)
      },
      int64: (field) => {
        const found = place(field, 8)
        return found === 0 ? 0 : Number(view.getBigInt64(found, true))
      },
      table: (field) => {
        const found = place(field, 4)
        return found === 0 ? undefined : tableAt(target(found))
      },
      *tables(field) {
        const found = place(field, 4)
        if (found === 0) return
        const { start, length } = vector(found, 4)
        for (let i = 0; i < length; i++) yield tableAt(target(start + i * 4))
      },
      places: (field, size) => {
        const found = place(field, 4)
        if (found === 0) return []
        const { start, length } = vector(found, size)
        return Array.from({ length }, (_, i) => start + i * size)
      },
      text: (field) => {
        const found = place(field, 4)
        if (found !== 0) vector(found, 1)
      },
    }
  }
  return tableAt(target(0))
}
