import { codes, type Code } from '../core/errors.ts'
import type { Header, Message } from '../core/message.ts'

export type OriginHeaders = 'connect' | 'spring'

/** Why a message was diverted, in the terms of dead letter queues. */
export interface Diverted {
  readonly pipeline: string
  readonly group: string
  readonly error: string // a class of core/errors.ts, or Finding
  readonly message: string // printable
}

/** Headers by which tools for dead letters know where a message came from and why. */
export function originHeaders(style: OriginHeaders, message: Message, diverted: Diverted): Header[] {
  return style === 'connect' ? connect(message, diverted) : spring(message, diverted)
}

/** The class of the error that a reason names by its code; a Finding where it names none. */
export function errorOf(reason: string): string {
  const code = reason.slice(0, reason.indexOf(':'))
  return Object.hasOwn(codes, code) ? codes[code as Code] : 'Finding'
}

/** As Kafka Connect's sink connectors write them: text throughout. */
function connect({ at }: Message, { pipeline, error, message }: Diverted): Header[] {
  const text = (name: string, value: string): Header => [`__connect.errors.${name}`, Buffer.from(value)]
  return [
    text('topic', at.topic),
    text('partition', String(at.partition)),
    text('offset', String(at.offset)),
    text('connector.name', pipeline),
    text('task.id', String(at.partition)),
    text('stage', error === 'DecodeError' ? 'VALUE_CONVERTER' : 'TRANSFORMATION'),
    text('class.name', 'taster'),
    text('exception.class.name', error),
    text('exception.message', message),
  ]
}

/** As Spring Kafka's dead letter publisher writes them: numbers with their highest byte first. */
function spring({ at, timestamp }: Message, { group, error, message }: Diverted): Header[] {
  const header = (name: string, value: Uint8Array): Header => [`kafka_dlt-${name}`, value]
  const partition = Buffer.alloc(4)
  partition.writeInt32BE(at.partition)
  return [
    header('original-topic', Buffer.from(at.topic)),
    header('original-partition', partition),
    header('original-offset', int64(at.offset)),
    header('original-timestamp', int64(BigInt(timestampOf(timestamp)))),
    header('original-consumer-group', Buffer.from(group)),
    header('exception-fqcn', Buffer.from(error)),
    header('exception-message', Buffer.from(message)),
  ]
}

function int64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

const mostTimestamp = 2 ** 63 - 1024 // the largest double below 2^63

/** Epoch milliseconds as whole digits. Producers may set any 64-bit number. */
export function timestampOf(timestamp: number): string {
  if (Number.isNaN(timestamp)) return '0'
  return String(BigInt(Math.trunc(Math.min(Math.max(timestamp, -(2 ** 63)), mostTimestamp))))
}
