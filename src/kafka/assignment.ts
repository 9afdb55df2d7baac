import type { Context } from './context.ts'
import { runPartition } from './partition.ts'

export interface AssignmentOptions extends Omit<Context, 'inFlightBytes' | 'rebuilt'> {
  /** Is told once a partition has failed for good. */
  readonly fail: (error: unknown) => void
}

export interface Assignment {
  /** Opens the lines of partitions that are new, closes those that are gone, and leaves the rest alone. */
  set(partitions: readonly number[]): void
  /** Lets each line finish the batch in hand. */
  close(): Promise<void>
}

interface Line {
  readonly controller: AbortController
  readonly ended: Promise<void>
}

/** The lines of the partitions that the group has given to this member. */
export function openAssignment(options: AssignmentOptions): Assignment {
  const lines = new Map<number, Line>()
  const limit = options.pipeline.input.limits.inFlightBytes
  const context: Context = { ...options, rebuilt: new Set(), inFlightBytes: () => limit / Math.max(1, lines.size) }
  const ending = new Map<number, Promise<void>>() // lines that were closed and have not ended yet
  let closed = false

  const begin = (partition: number) => {
    const controller = new AbortController()
    const before = ending.get(partition) ?? Promise.resolve()
    const ended = before
      .then(() => runPartition(context, partition, controller.signal))
      .catch((error: unknown) => options.fail(error))
    lines.set(partition, { controller, ended })
  }

  const end = (partition: number, { controller, ended }: Line) => {
    lines.delete(partition)
    controller.abort()
    ending.set(partition, ended)
    void ended.then(() => {
      if (ending.get(partition) === ended) ending.delete(partition)
    })
  }

  return {
    set(partitions) {
      if (closed) return
      for (const [partition, line] of lines) if (!partitions.includes(partition)) end(partition, line)
      for (const partition of partitions) if (!lines.has(partition)) begin(partition)
    },
    async close() {
      closed = true
      for (const [partition, line] of lines) end(partition, line)
      await Promise.all(ending.values())
    },
  }
}
