import type { Batch, Rejected } from '../../core/batch.ts'
import { cut, mostBytes } from './bounds.ts'
import { atOf } from './position.ts'

/** Messages of a batch that get an event each; what more there are share one. */
const mostMessages = 100

/** What to tell of the messages that hold rows which could not be read or broke a rule, in the order of messages. */
export function deadLettersOf(batch: Batch): object[] {
  const byMessage = new Map<number, Rejected[]>()
  for (const rejected of batch.rejected) {
    const rows = byMessage.get(rejected.message)
    if (rows === undefined) byMessage.set(rejected.message, [rejected])
    else rows.push(rejected)
  }
  const each = [...byMessage.values()]
  const alone = each.slice(0, mostMessages).map((rows) => deadLetterOf(batch, rows, 1))
  const rest = each.slice(mostMessages)
  return rest.length === 0 ? alone : [...alone, deadLetterOf(batch, rest.flat(), rest.length)]
}

function deadLetterOf(batch: Batch, rejected: readonly Rejected[], messages: number): object {
  const atMessage = (index: number | undefined) => {
    const at = batch.messages[index ?? -1]?.at
    return at === undefined ? null : atOf(at)
  }
  const faults = new Map<string, { code: string; rows: number; offset: string; row: number; reason: string }>()
  for (const { message, row, code, reason } of rejected) {
    const known = faults.get(code)
    if (known !== undefined) known.rows++
    else {
      const offset = String(batch.messages[message]?.at.offset ?? 0n)
      faults.set(code, { code, rows: 1, offset, row, reason: cut(reason, mostBytes.summary) })
    }
  }
  return {
    from: atMessage(rejected[0]?.message),
    to: atMessage(rejected.at(-1)?.message),
    messages,
    rows: rejected.length,
    faults: [...faults.values()],
  }
}
