import { compress } from '../codecs.ts'
import { crc32c } from './crc32c.ts'
import { encodeName } from './header-name.ts'

type Bytes = Uint8Array | string | null | undefined

/**
 * A record to be written. Headers are a list, which keeps order, repetition and null values, or kafkajs' object, of which
 * own properties count. A timestamp is epoch ms; without one it is the time of encoding.
 */
export interface OutRecord {
  readonly key?: Bytes
  readonly value?: Bytes
  readonly headers?:
    | readonly (readonly [name: string, value: Bytes])[]
    | { readonly [name: string]: Bytes | readonly Bytes[] }
  readonly timestamp?: string | number | undefined
}

export interface OutBatch {
  readonly records: readonly OutRecord[]
  readonly codec: number
  readonly transactional: boolean
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstSequence: number
}

interface Prepared {
  readonly size: number // of the record's body
  readonly delta: number | bigint // of its time to the first record's, zigzag-encoded
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Uint8Array // as they are written, their number included
}

const headerBytes = 61

/** Encodes one record batch (message format 2, https://kafka.apache.org/documentation/#recordbatch). */
export async function encodeBatch(batch: OutBatch): Promise<Buffer> {
  const now = Date.now()
  const times = batch.records.map(({ timestamp }) => timeOf(timestamp, now))
  const base = times[0] ?? now
  const headersOf = headersEncoder()
  const prepared = batch.records.map((record, i) => {
    const parts = { key: bytesOf(record.key), value: bytesOf(record.value), headers: headersOf(record.headers) }
    return prepare(parts, i, zigzag(times[i] ?? now, base))
  })
  const plain = Buffer.allocUnsafe(prepared.reduce((sum, { size }) => sum + sizeOfVarint(size) + size, headerBytes))
  let at = headerBytes
  for (const [i, record] of prepared.entries()) at = writeRecord(plain, at, record, i)

  const records = batch.codec === 0 ? null : await compress(batch.codec, plain.subarray(headerBytes))
  const out = records === null ? plain : Buffer.concat([plain.subarray(0, headerBytes), records])
  out.writeBigInt64BE(0n, 0) // the broker sets the offset
  out.writeInt32BE(out.length - 12, 8)
  out.writeInt32BE(-1, 12) // leader epoch: the broker sets it, too
  out.writeInt8(2, 16)
  out.writeInt16BE(batch.codec | (batch.transactional ? 0x10 : 0), 21)
  out.writeInt32BE(batch.records.length - 1, 23)
  out.writeBigInt64BE(BigInt(base), 27)
  out.writeBigInt64BE(BigInt(times.reduce((a, b) => Math.max(a, b), base)), 35)
  out.writeBigInt64BE(batch.producerId, 43)
  out.writeInt16BE(batch.producerEpoch, 51)
  out.writeInt32BE(batch.firstSequence, 53)
  out.writeInt32BE(batch.records.length, 57)
  out.writeUInt32BE(crc32c(out.subarray(21)), 17)
  return out
}

function timeOf(timestamp: string | number | undefined | null, now: number): number {
  const time = timestamp == null ? now : Number(timestamp)
  if (!Number.isSafeInteger(time)) throw new TypeError(`A timestamp is no whole number of milliseconds: ${timestamp}`)
  return time
}

function prepare(parts: Pick<Prepared, 'key' | 'value' | 'headers'>, index: number, delta: number | bigint): Prepared {
  const { key, value, headers } = parts
  const size = 1 + sizeOfVarlong(delta) + sizeOfVarint(index) + sizeOfBlob(key) + sizeOfBlob(value) + headers.length
  return { size, delta, key, value, headers }
}

const noHeaders = Uint8Array.of(0)

/** Encodes headers, once for records in a row that share them. */
function headersEncoder(): (headers: OutRecord['headers']) => Uint8Array {
  let last: OutRecord['headers']
  let encoded: Uint8Array = noHeaders
  return (headers) => {
    if (headers === last) return encoded
    last = headers
    const pairs = pairsOf(headers)
    let size = sizeOfVarint(pairs.length)
    for (const [name, value] of pairs) size += sizeOfBlob(name) + sizeOfBlob(value)
    const out = Buffer.allocUnsafe(size)
    let at = writeVarint(out, 0, pairs.length)
    for (const [name, value] of pairs) at = writeBlob(out, writeBlob(out, at, name), value)
    return (encoded = out)
  }
}

function pairsOf(headers: OutRecord['headers']): (readonly [name: Uint8Array, value: Uint8Array | null])[] {
  if (headers == null) return []
  const pairs = Array.isArray(headers)
    ? (headers as readonly (readonly [string, Bytes])[])
    : Object.entries(headers).flatMap(([name, value]) =>
        Array.isArray(value)
          ? (value as readonly Bytes[]).map((one) => [name, one] as const)
          : [[name, value as Bytes] as const],
      )
  return pairs.map(([name, value]) => [encodeName(name), bytesOf(value)])
}

function bytesOf(value: Bytes): Uint8Array | null {
  if (value == null) return null
  return typeof value === 'string' ? Buffer.from(value) : value
}

function writeRecord(out: Buffer, from: number, record: Prepared, index: number): number {
  let at = writeVarint(out, from, record.size)
  out[at++] = 0 // attributes
  at = writeVarlong(out, at, record.delta)
  at = writeVarint(out, at, index)
  at = writeBlob(out, at, record.key)
  at = writeBlob(out, at, record.value)
  out.set(record.headers, at)
  return at + record.headers.length
}

const sizeOfBlob = (bytes: Uint8Array | null) => (bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length)

function writeBlob(out: Buffer, from: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(out, from, -1)
  const at = writeVarint(out, from, bytes.length)
  out.set(bytes, at)
  return at + bytes.length
}

function sizeOfVarint(value: number): number {
  return ((38 - Math.clz32((value << 1) ^ (value >> 31))) / 7) | 0 || 1
}

function writeVarint(out: Buffer, from: number, value: number): number {
  let at = from
  let rest = (value << 1) ^ (value >> 31)
  for (; (rest & ~0x7f) !== 0; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80
  out[at++] = rest
  return at
}

// Differences of two times may need 55 bits, one more than a number has.
function zigzag(time: number, base: number): number | bigint {
  const delta = time - base
  if (Math.abs(delta) < 2 ** 51) return delta < 0 ? -2 * delta - 1 : 2 * delta
  const wide = BigInt(time) - BigInt(base)
  return wide < 0n ? -2n * wide - 1n : 2n * wide
}

function sizeOfVarlong(value: number | bigint): number {
  if (typeof value === 'bigint') return Math.ceil(value.toString(2).length / 7)
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

function writeVarlong(out: Buffer, from: number, value: number | bigint): number {
  let at = from
  let rest = value
  for (; typeof rest === 'bigint' && rest >= 2n ** 52n; rest >>= 7n) out[at++] = Number(rest & 0x7fn) | 0x80
  let small = Number(rest)
  for (; small >= 0x80; small = Math.floor(small / 0x80)) out[at++] = (small % 0x80) | 0x80
  out[at++] = small
  return at
}
