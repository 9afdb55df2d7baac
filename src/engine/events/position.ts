import type { Batch } from '../../core/batch.ts'
import type { Position } from '../../core/message.ts'
import { cut } from './bounds.ts'

const mostTopicBytes = 1000 // a path, where records come from files

/** A position as events tell it: offsets may be larger than the numbers of JSON. */
export function atOf({ topic, partition, offset }: Position) {
  return { topic: cut(topic, mostTopicBytes), partition, offset: offset.toString() }
}

/** The first and the last message of a batch. */
export function spanOf({ messages }: Batch) {
  return { from: placeOf(messages[0]?.at), to: placeOf(messages.at(-1)?.at) }
}

function placeOf(at: Position | undefined) {
  return at === undefined ? null : atOf(at)
}
