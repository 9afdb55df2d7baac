import { TasterError } from '../core/errors.ts'
import type { Source } from '../core/line.ts'
import type { Setup } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { formatNames } from '../files/format.ts'
import { openFiles } from '../files/source.ts'
import type { Client } from '../kafka/client.ts'
import { openRange, type Range } from '../kafka/range.ts'
import { openProgress, type Progress } from './progress.ts'

/** A stream of records that can be read again and again: each part has evidence of its own, as on a line. */
export interface Input {
  readonly from: 'files' | 'topic'
  readonly description: string
  /** Parts in order: all the files are one, each partition of a topic is one. */
  open(pipeline: Pipeline, setup: Setup): AsyncIterable<Part>
}

export interface Part {
  readonly source: Source
  readonly totalBytes: number // or messages; 0 where nobody knows
  readBytes(): number
}

/** Progress over the parts of an input, one after the other. */
export function openPartProgress(): Progress & { at(part: Part): void } {
  let part: Pick<Part, 'totalBytes' | 'readBytes'> = { totalBytes: 0, readBytes: () => 0 }
  const progress = openProgress({
    get totalBytes() {
      return part.totalBytes
    },
    readBytes: () => part.readBytes(),
  })
  return { ...progress, at: (next) => void (part = next) }
}

export function filesInput(paths: readonly string[]): Input {
  if (paths.includes('-'))
    throw new TasterError('INPUT_UNSUPPORTED', 'replay reads its input twice, which standard input cannot be', {
      problems: [{ where: '-', message: 'standard input can be read once', remedy: 'write it to a file first' }],
    })
  return {
    from: 'files',
    description: paths.join(', '),
    async *open({ input }) {
      const format = input.format === undefined ? undefined : formatNames.get(input.format)
      const source = await openFiles(paths, {
        batchRecords: input.batch.records,
        limits: input.limits,
        ...(format !== undefined && { format }),
      })
      yield { source, totalBytes: source.totalBytes, readBytes: () => source.readBytes() }
    },
  }
}

export function topicInput(client: Client, ranges: readonly Range[]): Input {
  const [first] = ranges
  const messages = ranges.reduce((sum, { from, to }) => sum + Number(to - from), 0)
  return {
    from: 'topic',
    description: `topic ${first?.topic ?? ''}, offsets ${ranges.map(({ partition, from, to }) => `${from} to ${to} of partition ${partition}`).join(', ')}`,
    async *open({ input: { batch, limits } }, { fields }) {
      const rules = { records: batch.records, bytes: limits.batchBytes, messages: fields.messages }
      let before = 0
      for (const range of ranges) {
        const source = openRange(client, range, rules)
        const read = before
        yield { source, totalBytes: messages, readBytes: () => read + Number(source.position() - range.from) }
        before += Number(range.to - range.from)
      }
    },
  }
}
