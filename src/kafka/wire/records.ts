import type { Header, Message } from '../../core/message.ts'
import { decodeName } from './header-name.ts'
import { Malformed } from './malformed.ts'

/** What the header of a record batch says about its records. */
export interface RecordContext {
  readonly topic: string
  readonly partition: number
  readonly baseOffset: bigint
  readonly lastOffsetDelta: number
  readonly count: number
  readonly baseTimestamp: bigint // epoch ms
  readonly appendTime: bigint | null // epoch ms; of every record, where the broker stamps them
}

export interface Decoded {
  readonly messages: readonly Message[]
  readonly bytes: number // of memory that the messages hold, roughly
}

// What a message costs beside its bytes, roughly: the smallest records take 70 times their size as objects.
const messageBytes = 512
const headerBytes = 128

const noHeaders: readonly Header[] = []

/**
 * Decodes the records of a batch (message format 2, https://kafka.apache.org/documentation/#record) from offset `from`
 * on. Keys, values and header values are views of `bytes`. Throws Malformed on what is no such record, on bytes after
 * the last one, on offsets that do not ascend, on times beyond ±2^53 ms, which a `Message` cannot hold exactly, and
 * where the messages would hold more than `limit` bytes.
 */
export function decodeRecords(bytes: Buffer, context: RecordContext, from: bigint, limit: number): Decoded {
  const { topic, partition, baseOffset, lastOffsetDelta, count, baseTimestamp, appendTime } = context
  const messages: Message[] = []
  let held = 0
  let at = 0

  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw cut()
    return value
  }
  const varint = (): number => {
    let next = byte()
    let value = next & 0x7f
    for (let shift = 7; next >= 0x80; shift += 7) {
      if (shift > 28) throw new Malformed('a number in a record is too long')
      next = byte()
      value |= (next & 0x7f) << shift
    }
    return (value >>> 1) ^ -(value & 1)
  }
  const varlong = (): number | bigint => {
    let next = byte()
    let value = next & 0x7f
    for (let scale = 128; next >= 0x80; scale *= 128) {
      if (scale > 2 ** 42) return wide(BigInt(value), next)
      next = byte()
      value += (next & 0x7f) * scale
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  const wide = (low: bigint, first: number): bigint => {
    let value = low
    for (let [next, shift] = [first, 49n]; next >= 0x80; shift += 7n) {
      if (shift > 63n) throw new Malformed('a number in a record is too long')
      next = byte()
      value |= BigInt(next & 0x7f) << shift
    }
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }
  const blob = (end: number): Buffer | null => {
    const length = varint()
    if (length === -1) return null
    if (length < 0 || length > end - at) throw cut()
    held += length
    return bytes.subarray(at, (at += length))
  }
  const headers = (end: number): readonly Header[] => {
    const total = varint()
    if (total === 0) return noHeaders
    if (total < 0 || total > (end - at) / 2) throw cut()
    held += total * headerBytes
    if (held > limit) throw tooMuch(limit)
    const list: Header[] = []
    for (let i = 0; i < total; i++) {
      const length = varint()
      if (length < 0 || length > end - at) throw cut()
      held += length
      const name = decodeName(bytes, at, (at += length))
      list.push([name, blob(end)])
    }
    return list
  }

  const base = Number(baseTimestamp)
  const baseIsExact = Number.isSafeInteger(base)
  const timestampOf = (delta: number | bigint): number => {
    const time =
      appendTime !== null
        ? Number(appendTime)
        : typeof delta === 'number' && baseIsExact
          ? base + delta
          : Number(baseTimestamp + BigInt(delta))
    if (!Number.isSafeInteger(time)) throw new Malformed('a timestamp is beyond 2^53 ms, which cannot be kept exactly')
    return time
  }

  const skip = from > baseOffset ? Number(from - baseOffset) : 0
  for (let i = 0, previous = -1; i < count; i++) {
    const end = varint() + at
    if (end <= at || end > bytes.length) throw cut()
    at++ // attributes: no bit has a meaning
    const delta = varlong()
    const offset = varint()
    if (offset <= previous || offset > lastOffsetDelta) throw new Malformed('its offsets do not ascend')
    previous = offset
    const key = blob(end)
    const value = blob(end)
    const list = headers(end)
    if (at !== end) throw new Malformed('a record is not as long as it says')
    held += messageBytes
    if (held > limit) throw tooMuch(limit)
    const timestamp = timestampOf(delta)
    // What lies before `from` is read all the same: whether a batch can be read must not hang on where reading begins.
    if (offset < skip) continue
    messages.push({
      at: { topic, partition, offset: baseOffset + BigInt(offset) },
      timestamp,
      key,
      value,
      headers: list,
    })
  }
  if (at !== bytes.length) throw new Malformed('bytes follow its last record')
  return { messages, bytes: held }
}

const cut = () => new Malformed('a record is cut')
const tooMuch = (limit: number) => new Malformed(`its records hold more than ${limit} bytes of memory`)
