/** Where a message stands in its input: a Kafka position, or a file and the row within it. */
export interface Position {
  readonly topic: string // Kafka topic, or the path of a file below the folder given
  readonly partition: number
  readonly offset: bigint // of the message in its partition, or of the row (of a row group: its first row) in its file
}

export type Header = readonly [name: string, value: Uint8Array | null]

/** One message or file row (or row group) as it arrived. Never changed, so that what leaves is what came. */
export interface Message {
  readonly at: Position
  readonly timestamp: number // epoch ms
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[] // order and repetition kept
}

/** The first value of a header as text, or undefined where it is absent or null. Names compare exactly. */
export function header(message: Message, name: string): string | undefined {
  const value = message.headers.find(([n]) => n === name)?.[1]
  return value == null ? undefined : new TextDecoder().decode(value)
}
