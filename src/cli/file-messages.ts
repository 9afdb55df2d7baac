import { TasterError, type Code } from '../core/errors.ts'
import { header, type Header, type Message } from '../core/message.ts'
import { readArrowTable } from '../engine/decode/arrow-table.ts'
import { contentTypes, headers } from '../engine/decode/content-type.ts'
import { defaultLimits } from '../engine/decode/limits.ts'
import { noSuchColumn } from '../engine/decode/no-such-column.ts'
import { reader } from '../engine/decode/reader.ts'
import { absent, Fault } from '../engine/decode/table.ts'
import { sliceToSmallStream } from '../files/arrow-slice.ts'
import { place } from './wording.ts'

/** A message of a file as it goes on a topic. */
export interface FileMessage {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
  readonly rows: number
  readonly at: Message['at']
}

export interface FileMessageOptions {
  readonly keyColumn: string | null
  readonly messageBytes: number // largest value and headers; tables with more are cut into several
  readonly compressed: boolean // then a record may fit although it is larger: the broker sees
  readonly unreadable: (stretch: Unreadable) => void // is told of what is left out
}

/** A stretch of a file that cannot be told apart into rows: the file is damaged there, or breaks off. */
export interface Unreadable {
  readonly at: Message['at']
  readonly reason: string
}

const unfolded = 2 ** 31 // bytes of a table whose columns are compressed

/**
 * Turns what was read of files into messages that can be read without the file: a row's bytes without its line end, or a
 * table of some rows. Throws MESSAGE_TOO_LARGE for one that cannot be cut any smaller.
 */
export function openFileMessages({
  keyColumn,
  messageBytes,
  compressed,
  unreadable,
}: FileMessageOptions): (message: Message) => FileMessage[] {
  const mayBe = compressed ? Infinity : 0 // bytes that a single record may have over the limit
  const keyOf = keyColumn === null ? () => null : openKeys(keyColumn)
  return (message) => {
    const fault = header(message, headers.unreadable)
    if (fault !== undefined || message.value === null) {
      const [code, ...reason] = (fault ?? '').split(' ')
      if (code === ('RECORD_TOO_LARGE' satisfies Code)) throw tooLarge(message, reason.join(' '))
      unreadable({ at: message.at, reason: reason.join(' ') })
      return []
    }
    const size = message.headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0)
    const most = messageBytes - size
    if (isTable(message)) {
      const table = readArrowTable(message.value, unfolded)
      const { headers: given, value, at } = message
      if (value.length <= most) return [{ key: null, value, headers: given, rows: table.numRows, at }]
      let offset = at.offset
      return table.batches.flatMap((batch) => {
        const begins = { ...message, at: { ...at, offset } }
        offset += BigInt(batch.numRows)
        return cut(begins, batch, 0, batch.numRows, { most, mayBe })
      })
    }
    const value = withoutLineEnd(message.value)
    const key = keyOf(message)
    if (value.length + (key?.length ?? 0) > most + mayBe) throw tooLarge(message, overLimit(value.length, most))
    return [{ key, value, headers: message.headers, rows: 1, at: message.at }]
  }
}

const isTable = ({ headers: given }: Message): boolean =>
  given.some(([name, value]) => name === headers.contentType && String(value) === contentTypes.arrow)

type RecordBatch = ReturnType<typeof readArrowTable>['batches'][number]

interface Room {
  readonly most: number
  readonly mayBe: number
}

/** Rows of a table as one message, or halves of them, and so on. */
function cut(message: Message, batch: RecordBatch, from: number, to: number, room: Room): FileMessage[] {
  const value = sliceToSmallStream(batch, from, to)
  const at = { ...message.at, offset: message.at.offset + BigInt(from) }
  const isOne = to - from === 1
  if (value.length <= room.most + (isOne ? room.mayBe : 0))
    return [{ key: null, value, headers: message.headers, rows: to - from, at }]
  if (isOne) throw tooLarge({ ...message, at }, overLimit(value.length, room.most))
  const middle = (from + to) >> 1
  return [...cut(message, batch, from, middle, room), ...cut(message, batch, middle, to, room)]
}

const overLimit = (bytes: number, most: number) => `it has ${bytes} bytes, and the topic takes ${most} at most`

function tooLarge({ at }: Message, why: string): TasterError {
  return new TasterError(
    'MESSAGE_TOO_LARGE',
    `${place(at)} does not fit into a message: ${why}. Raise max.message.bytes of the topic, or leave the record out`,
  )
}

const [lineFeed, carriageReturn] = [10, 13]

function withoutLineEnd(value: Uint8Array): Uint8Array {
  let end = value.length
  if (value[end - 1] === lineFeed) end--
  if (end < value.length && value[end - 1] === carriageReturn) end--
  return value.subarray(0, end)
}

/** Reads the key of each row. Null where a row has none, or cannot be read. */
function openKeys(column: string): (message: Message) => Uint8Array | null {
  const read = reader([column], { ...defaultLimits, recordBytes: 2 ** 30 })
  return (message) => {
    const table = read(message)
    if (table instanceof Fault || table.rows === 0 || table.fault(0) !== undefined) return null
    const cell = table.cell(0, 0)
    if (cell === absent && table.declared) throw missing(column, table.names(0))
    if (typeof cell === 'string') return cell === '' ? null : Buffer.from(cell)
    return typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean'
      ? Buffer.from(String(cell))
      : null
  }
}

/** Throws CONFIG_INVALID where none of some rows has the column that keys are to come from. */
export function mustHaveColumn(column: string, messages: readonly Message[]): void {
  const read = reader([column], { ...defaultLimits, recordBytes: 2 ** 30 })
  let names: readonly string[] = []
  for (const message of messages) {
    if (isTable(message))
      throw new TasterError('CONFIG_INVALID', 'Messages of Parquet and Arrow files have no key', {
        problems: [
          { where: '--key', message: 'a message holds many rows', remedy: 'leave it out, or convert to NDJSON' },
        ],
      })
    const table = read(message)
    if (table instanceof Fault || table.rows === 0 || table.fault(0) !== undefined) continue
    if (table.cell(0, 0) !== absent) return
    names = table.names(0)
  }
  if (names.length > 0) throw missing(column, names)
}

function missing(column: string, names: readonly string[]): TasterError {
  return new TasterError('CONFIG_INVALID', noSuchColumn(column, names), {
    problems: [{ where: '--key', message: `no column '${column}' was found`, remedy: 'name one that there is' }],
  })
}
