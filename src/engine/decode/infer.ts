import type { Message } from '../../core/message.ts'
import { defaultLimits } from './limits.ts'
import { reader } from './reader.ts'
import { numberOf } from './scalar.ts'
import { absent, Fault } from './table.ts'

/** The column names of the first message that can be read; none where no message can. */
export function suggestFields(messages: readonly Message[]): readonly string[] {
  const read = reader([], defaultLimits)
  for (const message of messages) {
    const table = tolerant(() => read(message))
    if (table === undefined || table instanceof Fault) continue
    for (let row = 0; row < table.rows; row++) if (table.fault(row) === undefined) return table.names(row)
  }
  return []
}

/**
 * Which columns of trusted rows are numeric and which are categories, where the pipeline does not say. Numeric: every
 * value that is there can be read as a number. Columns that hold lists, objects or bytes, or nothing at all, are neither.
 * `except` names the columns that have another part: id, source, time, label.
 */
export function inferRow(
  samples: readonly Message[],
  except: readonly string[] = [],
): { readonly numeric: readonly string[]; readonly category: readonly string[] } {
  const names = suggestFields(samples).filter((name) => !except.includes(name))
  const read = reader(names, defaultLimits)
  const kinds = names.map(() => ({ numbers: 0, words: 0, others: 0 }))
  for (const message of samples) {
    const table = tolerant(() => read(message))
    if (table === undefined || table instanceof Fault) continue
    for (let row = 0; row < table.rows; row++)
      kinds.forEach((kind, slot) => {
        const found = kindOf(tolerant(() => table.cell(row, slot)))
        if (found !== undefined) kind[found]++
      })
  }
  const having = (test: (kind: (typeof kinds)[number]) => boolean): string[] =>
    names.filter((_, i) => kinds[i] !== undefined && kinds[i].others === 0 && test(kinds[i]))
  return {
    numeric: having(({ numbers, words }) => numbers > 0 && words === 0),
    category: having(({ words }) => words > 0),
  }
}

function kindOf(cell: unknown): 'numbers' | 'words' | 'others' | undefined {
  if (cell === absent || cell === null || cell === undefined || cell === '') return undefined
  if (typeof cell === 'boolean') return 'words'
  if (typeof cell === 'string') return isNumeric(cell) ? 'numbers' : 'words'
  return typeof cell === 'number' || typeof cell === 'bigint' || cell instanceof Date ? 'numbers' : 'others'
}

/** NaN and infinities stand in numeric columns, though they are faults there. */
function isNumeric(text: string): boolean {
  try {
    numberOf(text, '')
    return true
  } catch (error) {
    return error instanceof Fault && error.code === 'VALUE_NOT_FINITE'
  }
}

function tolerant<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}
