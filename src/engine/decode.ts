import { column } from '../core/column.ts'
import type { Message } from '../core/message.ts'
import type { Batch, Rejected } from '../core/batch.ts'
import { collectContent } from './decode/content.ts'
import { digestOf } from './decode/digest.ts'
import { slotsOf, type Fields } from './decode/fields.ts'
import { defaultLimits, type Limits } from './decode/limits.ts'
import { reader } from './decode/reader.ts'
import { missingColumns } from './decode/no-such-column.ts'
import { openPresence } from './decode/presence.ts'
import { nameOf, timeOf } from './decode/scalar.ts'
import { absent, Fault, type Table } from './decode/table.ts'

/**
 * The records of messages, column by column. Total: whatever the bytes, it returns, and each row ends either as a record
 * or in `rejected` with a code. A message that cannot be read at all is rejected as its row 0.
 */
export function decode(messages: readonly Message[], fields: Fields, limits: Limits = defaultLimits): Batch {
  const slots = slotsOf(fields)
  const read = reader(slots.columns, limits, fields.messages)
  const rejected: Rejected[] = []
  const content = collectContent(fields.content, limits)
  const presence = openPresence(fields)
  const missing = missingColumns()
  const [id, source, label]: [string[], (string | undefined)[], (string | undefined)[]] = [[], [], []]
  const [at, messageOf, rowOf]: [number[], number[], number[]] = [[], [], []]

  const add = (table: Table, message: number, row: number, place: string): void => {
    const fault = table.fault(row)
    if (fault !== undefined) throw fault
    const cell = (slot: number, required: boolean): unknown => {
      const it = slot === -1 ? undefined : table.cell(row, slot)
      if (it === absent && (required || table.declared)) throw missing(slots.columns[slot] ?? '', table.names(row))
      return it
    }
    const [idCell, sourceCell, timeCell] = [cell(slots.id, false), cell(slots.source, false), cell(slots.time, false)]
    const labelCell = cell(slots.label, fields.labelRequired)
    const newId = nameOf(idCell, `the id (column '${fields.id}')`) ?? place
    const newSource = nameOf(sourceCell, `the source (column '${fields.source}')`)
    const newLabel = nameOf(labelCell, `the label (column '${fields.label}')`)
    if (newLabel === undefined && fields.labelRequired)
      throw new Fault('LABEL_MISSING', `the record has no label (column '${fields.label ?? ''}')`)
    const newAt = timeOf(timeCell)
    content.add((i) => cell(slots.content[i] ?? -1, true))
    presence.add({ id: idCell, source: sourceCell, time: timeCell, label: labelCell }, () => table.names(row))
    id.push(newId)
    source.push(newSource)
    label.push(newLabel)
    at.push(newAt)
    messageOf.push(message)
    rowOf.push(row)
  }

  messages.forEach((message, index) => {
    const table = faultless(() => read(message))
    if (table instanceof Fault) {
      rejected.push({ message: index, row: 0, code: table.code, reason: table.reason })
      return
    }
    const { topic, partition, offset } = message.at
    const place = fields.messages === undefined ? `${topic}:${offset}` : `${topic}:${partition}:${offset}`
    for (let row = 0; row < table.rows; row++) {
      const fault = faultless(() => add(table, index, row, table.rows === 1 ? place : `${place}#${row}`))
      if (fault instanceof Fault) rejected.push({ message: index, row, code: fault.code, reason: fault.reason })
    }
  })
  return {
    digest: digestOf(messages),
    messages,
    id,
    source: column(source),
    label: column(label),
    at: Float64Array.from(at),
    content: content.finish(),
    messageOf: Int32Array.from(messageOf),
    rowOf: Int32Array.from(rowOf),
    rejected,
    ...presence.absent(),
  }
}

/** A Fault where one is thrown; anything else that bytes can make a reader throw says that they are malformed. */
function faultless<T>(attempt: () => T): T | Fault {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof Fault) return error
    return new Fault('BYTES_MALFORMED', `not readable: ${error instanceof Error ? error.message : String(error)}`)
  }
}
