import type { Message, Position } from '../core/message.ts'
import { headers as named } from '../engine/decode/content-type.ts'
import { decompress, decompressedMaximum } from './codecs.ts'
import { Malformed } from './wire/malformed.ts'
import { decodeRecords, type Decoded } from './wire/records.ts'

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** The part of a partition that was asked for, and what its leader said of it. */
export interface Extent {
  readonly topic: string
  readonly partition: number
  readonly from: bigint // offset that was asked for: batches may begin before it
  readonly aborted: readonly AbortedTransaction[] // of which records are left out
}

export interface DecodedBatches extends Decoded {
  readonly next: bigint // offset to read on from; `from` where the bytes hold no whole batch
}

export interface DecodeLimits {
  readonly batchBytes: number // a batch whose messages would hold more is unreadable
  readonly enoughBytes: number // once the messages hold so many, further batches are left for the next time
}

export const decodeLimits: DecodeLimits = { batchBytes: decompressedMaximum, enoughBytes: 64 * 2 ** 20 }

// Layout: https://kafka.apache.org/documentation/#recordbatch. Places and sizes in bytes.
const lengthEnd = 12 // of the base offset, and of the length, which counts what follows it
const magicAt = 16
const headerBytes = 61
const attribute = { codec: 0x07, appendTime: 0x08, transactional: 0x10, control: 0x20 }
const noTimestamp = -1

interface RecordBatch {
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly end: number // where it ends in the bytes
  readonly raw: Buffer
  readonly broken: string | null // why not even its header can be read
}

/**
 * Decodes the record batches of a fetch. Control records and the records of aborted transactions are left out, and so is
 * a batch at the end that is cut. A batch that cannot be read (unknown codec or format, corrupt, larger than the limits)
 * becomes one message at its last offset: its value is the bytes of its records as they came, its only header is
 * `taster-unreadable` with a code and the reason. Never throws for what the bytes hold; every whole batch moves `next` on.
 *
 * The checksum of a batch is not verified: brokers verify it when they store the batch, and the connection has its own.
 */
export async function decodeBatches(
  bytes: Buffer,
  extent: Extent,
  limits: DecodeLimits = decodeLimits,
): Promise<DecodedBatches> {
  const messages: Message[] = []
  const isAborted = abortedBatches(extent.aborted)
  let next = extent.from
  let held = 0
  for (let at = 0; held < limits.enoughBytes;) {
    const batch = batchAt(bytes, at)
    if (batch === null) break
    at = batch.end
    const last = batch.lastOffset
    if (last < next && batch.broken === null) continue
    if (!isAborted(batch) && !isControl(batch)) {
      const decoded = await decodeBatch(batch, { ...extent, from: next }, limits.batchBytes)
      for (const message of decoded.messages) messages.push(message)
      held += decoded.bytes
    }
    next = (last < next ? next : last) + 1n
  }
  return { messages, next, bytes: held }
}

/** The batch that begins at a place of the bytes; null where it is cut. */
function batchAt(bytes: Buffer, at: number): RecordBatch | null {
  if (at + magicAt >= bytes.length) return null
  const size = lengthEnd + bytes.readInt32BE(at + 8)
  if (size > bytes.length - at) return null
  const baseOffset = bytes.readBigInt64BE(at)
  if (size <= magicAt) {
    // There is no telling where the next batch begins: the next fetch finds it.
    const [end, raw] = [bytes.length, bytes.subarray(at)]
    return { baseOffset, lastOffset: baseOffset, end, raw, broken: 'its length cannot be true' }
  }
  const end = at + size
  const raw = bytes.subarray(at, end)
  const magic = raw[magicAt]
  if (magic !== 2) {
    const broken = `it is in message format ${magic}, and only format 2 (Kafka 0.11 and later) is read`
    return { baseOffset, lastOffset: baseOffset, end, raw, broken }
  }
  const delta = size < headerBytes ? -1 : raw.readInt32BE(23)
  const broken = size < headerBytes ? 'its header is cut' : delta < 0 ? 'its last offset is before its first' : null
  return { baseOffset, lastOffset: baseOffset + BigInt(Math.max(delta, 0)), end, raw, broken }
}

const has = ({ broken, raw }: RecordBatch, bit: number) => broken === null && (raw.readInt16BE(21) & bit) !== 0
const isControl = (batch: RecordBatch) => has(batch, attribute.control)

/**
 * Tells of each batch, in their order, whether its transaction was aborted: from the first offset of an aborted
 * transaction on, its producer's batches are, until the marker that ends it.
 */
function abortedBatches(transactions: readonly AbortedTransaction[]): (batch: RecordBatch) => boolean {
  const waiting = transactions.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const open = new Set<bigint>()
  let begun = 0
  return (batch) => {
    if (waiting.length === 0 || !has(batch, attribute.transactional)) return false
    for (; begun < waiting.length; begun++) {
      const transaction = waiting[begun]
      if (transaction === undefined || transaction.firstOffset > batch.lastOffset) break
      open.add(transaction.producerId)
    }
    const producerId = batch.raw.readBigInt64BE(43)
    if (!isControl(batch)) return open.has(producerId)
    open.delete(producerId)
    return true
  }
}

async function decodeBatch(batch: RecordBatch, { topic, partition, from }: Extent, limit: number): Promise<Decoded> {
  const { raw, baseOffset, lastOffset, broken } = batch
  try {
    if (broken !== null) throw new Malformed(broken)
    const attributes = raw.readInt16BE(21)
    const count = raw.readInt32BE(57)
    if (count < 0) throw new Malformed('it has fewer than no records')
    const context = {
      topic,
      partition,
      baseOffset,
      lastOffsetDelta: raw.readInt32BE(23),
      count,
      baseTimestamp: raw.readBigInt64BE(27),
      appendTime: (attributes & attribute.appendTime) === 0 ? null : raw.readBigInt64BE(35),
    }
    const codec = attributes & attribute.codec
    const compressed = raw.subarray(headerBytes)
    // Awaiting costs more than the decoding of a small batch does.
    const records = codec === 0 ? compressed : await decompress(codec, compressed, limit)
    return decodeRecords(records, context, from, limit)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    const offset = lastOffset < from ? from : lastOffset
    return unreadable(batch, { topic, partition, offset }, error.message)
  }
}

function unreadable({ raw, broken }: RecordBatch, at: Position, reason: string): Decoded {
  const time = broken === null ? Number(raw.readBigInt64BE(35)) : noTimestamp
  const value = raw.subarray(broken === null ? headerBytes : lengthEnd)
  const message = {
    at,
    timestamp: Number.isSafeInteger(time) ? time : noTimestamp,
    key: null,
    value,
    headers: [[named.unreadable, Buffer.from(`BYTES_MALFORMED ${reason}`)] as const],
  }
  return { messages: [message], bytes: value.length }
}
