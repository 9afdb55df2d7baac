import type { Records } from '../core/batch.ts'
import { TasterError, type Problem } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import { decode } from '../engine/decode.ts'
import { slotsOf } from '../engine/decode/fields.ts'
import { suggestFields } from '../engine/decode/infer.ts'
import { noSuchColumn } from '../engine/decode/no-such-column.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { fieldsOf } from '../engine/setup.ts'
import { formatNames } from '../files/format.ts'
import { openFiles } from '../files/source.ts'
import { absentColumn, count, counted, place } from './wording.ts'

export interface Trusted {
  readonly records: Records
  readonly warnings: readonly string[] // rows that could not be read, skipped files
  readonly unreadable: { readonly rows: number; readonly first: readonly Problem[] } // rows that are no records
}

const shownUnreadable = 5

/** Reads approved files as a whole: a baseline is fitted from all of them. Throws INPUT_NOT_FOUND, INPUT_UNSUPPORTED. */
export async function readTrusted(paths: readonly string[], pipeline: Pipeline, signal: AbortSignal): Promise<Trusted> {
  const { limits, format } = pipeline.input
  const named = format === undefined ? undefined : formatNames.get(format)
  const source = await openFiles(paths, {
    batchRecords: pipeline.input.batch.records,
    limits,
    ...(named !== undefined && { format: named }),
  })
  try {
    const messages: Message[] = []
    for await (const delivery of source) {
      messages.push(...delivery.messages)
      if (signal.aborted) break
    }
    const { rejected, id, source: from, label, at, content, absent } = decode(messages, fieldsOf(pipeline), limits)
    const [first] = rejected
    const where = first && messages[first.message]?.at
    if (id.length === 0 && first !== undefined) {
      const problems = missingColumns(messages, pipeline)
      if (problems.length > 0)
        throw new TasterError('CONFIG_INVALID', 'Columns are named that the trusted data do not have', { problems })
      throw new TasterError('TRUSTED_TOO_SMALL', `None of ${rejected.length} trusted rows can be read: ${first.reason}`)
    }
    return {
      unreadable: {
        rows: rejected.length,
        first: rejected.slice(0, shownUnreadable).map(({ message, row, code, reason }) => {
          const at = messages[message]?.at
          return {
            where: at === undefined ? '' : place(at, row),
            message: reason,
            remedy: `mend the row (${code}), or leave such rows out with --skip-undecodable`,
          }
        }),
      },
      records: { id, source: from, label, at, content },
      warnings: [
        ...(first === undefined || where === undefined
          ? []
          : [
              `${rejected.length} trusted rows could not be read and are left out, as ${place(where, first.row)}: ${first.reason}`,
            ]),
        ...(absent ?? []).map((each) => `trusted data: ${absentColumn(each, id.length)}`),
        ...source.skipped.map(({ path, reason }) => `${path} is left out: ${reason}`),
      ],
    }
  } finally {
    await source.close()
  }
}

function missingColumns(messages: readonly Message[], pipeline: Pipeline): Problem[] {
  const present = suggestFields(messages.slice(0, 100))
  if (present.length === 0) return []
  return slotsOf(fieldsOf(pipeline))
    .columns.filter((name) => !present.includes(name))
    .map((name) => ({
      where: messages[0]?.at.topic ?? '',
      message: noSuchColumn(name, present),
      remedy: 'name columns that are there, in input.fields or with the flags for them',
    }))
}

/** Throws TRUSTED_UNREADABLE where rows could not be read and nobody said that they may be left out. */
export function mustBeReadable({ records, unreadable: { rows, first } }: Trusted, skip: boolean): void {
  if (rows === 0 || skip) return
  const shown = rows > first.length ? `; the first ${first.length} of them` : ''
  throw new TasterError(
    'TRUSTED_UNREADABLE',
    `${counted(rows, 'trusted row')} of ${count(rows + records.id.length)} cannot be read${shown}:`,
    { problems: first },
  )
}
