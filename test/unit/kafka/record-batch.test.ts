import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { header } from '../../../src/core/message.ts'
import { codecs, compress } from '../../../src/kafka/codecs.ts'
import { decodeBatches, type AbortedTransaction, type DecodeLimits } from '../../../src/kafka/record-batch.ts'
import { encodeBatch, type OutRecord } from '../../../src/kafka/wire/encode.ts'
import { javaBatches } from './wire/java-batches.ts'

const bytes = (text: string) => Buffer.from(text)
const batchOf = (
  records: readonly OutRecord[],
  more: { codec?: number; producerId?: bigint; baseOffset?: bigint } = {},
) =>
  encodeBatch({
    records,
    codec: more.codec ?? 0,
    transactional: more.producerId !== undefined,
    producerId: more.producerId ?? -1n,
    producerEpoch: 0,
    firstSequence: 0,
  }).then((batch) => {
    batch.writeBigInt64BE(more.baseOffset ?? 0n, 0)
    return batch
  })
const decode = (batches: Buffer, from = 0n, aborted: readonly AbortedTransaction[] = [], limits?: DecodeLimits) =>
  decodeBatches(batches, { topic: 't', partition: 3, from, aborted }, limits)
const values = ({ messages }: Awaited<ReturnType<typeof decode>>) => messages.map(({ value }) => value && String(value))
const reasons = ({ messages }: Awaited<ReturnType<typeof decode>>) =>
  messages.map((message) => [message.at.offset, header(message, 'taster-unreadable')])
const edited = (batch: Buffer, edit: (copy: Buffer) => void) => {
  const copy = Buffer.from(batch)
  edit(copy)
  return copy
}

/** A marker that ends a transaction. */
async function marker(producerId: bigint, baseOffset: bigint, type: 0 | 1): Promise<Buffer> {
  const batch = await batchOf([{ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) }], {
    producerId,
    baseOffset,
  })
  batch.writeInt16BE(0x30, 21)
  return batch
}

describe('record batches of the Java producer', () => {
  it.each(Object.entries(javaBatches))('with codec %s decode to what was sent', async (_codec, base64) => {
    const { messages, next } = await decode(Buffer.from(base64, 'base64'))
    const headers = [
      ['constructor', Buffer.from([0, 255])],
      ['b', null],
      ['constructor', bytes('second')],
      ['ä', Buffer.alloc(0)],
    ]
    const at = (offset: bigint) => ({ topic: 't', partition: 3, offset })
    const value = (i: number) => bytes(`value ${i} value value value value`)
    expect(next).toBe(3n)
    expect(messages).toEqual([
      { at: at(0n), timestamp: 1_700_000_000_000, key: bytes('key0'), value: value(0), headers },
      { at: at(1n), timestamp: 1_700_000_001_000, key: null, value: value(1), headers },
      { at: at(2n), timestamp: 1_699_999_997_000, key: bytes('key2'), value: null, headers },
    ])
  })
})

const blob = fc.option(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  { nil: null, freq: 5 },
)
const name = fc.oneof(
  fc.constantFrom('constructor', '__proto__', 'toString', '', '1', 'ß', '\u{1f600}', '\udc80x\udcff'),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const time = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-1, 0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
)
const records = fc.array(
  fc.record({ key: blob, value: blob, headers: fc.array(fc.tuple(name, blob), { maxLength: 4 }), timestamp: time }),
  { minLength: 1, maxLength: 30 },
)

describe('what is encoded', () => {
  it('decodes to itself, with every codec', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(4), fc.bigInt(0n, 2n ** 62n), async (sent, codec, baseOffset) => {
        const batch = await batchOf(sent, { codec, baseOffset })
        const { messages, next } = await decode(batch)
        expect(next).toBe(baseOffset + BigInt(sent.length))
        expect(messages).toEqual(
          sent.map((record, i) => ({ at: { topic: 't', partition: 3, offset: baseOffset + BigInt(i) }, ...record })),
        )
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('takes headers as an object, of which own properties count', async () => {
    const own = JSON.parse('{"__proto__":"a","constructor":["b","c"],"toString":null}') as Record<string, string>
    const { messages } = await decode(await batchOf([{ value: 'v', headers: own }]))
    expect(messages[0]?.headers).toEqual([
      ['__proto__', bytes('a')],
      ['constructor', bytes('b')],
      ['constructor', bytes('c')],
      ['toString', null],
    ])
  })

  it('refuses a time that is no whole number of milliseconds', async () => {
    for (const timestamp of ['soon', 0.5, NaN, '9007199254740993x', 2 ** 53]) {
      await expect(batchOf([{ value: 'v', timestamp }])).rejects.toThrow(TypeError)
    }
  })

  it('has the highest time in its header, compared as numbers', async () => {
    const batch = await batchOf([9, 10, -2].map((timestamp) => ({ value: 'v', timestamp: String(timestamp) })))
    expect(batch.readBigInt64BE(35)).toBe(10n)
  })
})

describe('a fetch', () => {
  it('begins within a batch, and leaves a cut one at its end', async () => {
    const three = await batchOf(
      ['a', 'b', 'c'].map((value) => ({ value })),
      { baseOffset: 5n },
    )
    const two = await batchOf(
      ['d', 'e'].map((value) => ({ value })),
      { baseOffset: 8n },
    )
    for (const cut of [1, 12, 17, two.length - 1]) {
      const decoded = await decode(Buffer.concat([three, two.subarray(0, cut)]), 6n)
      expect([values(decoded), decoded.next]).toEqual([['b', 'c'], 8n])
    }
    expect((await decode(three.subarray(0, 30), 5n)).next).toBe(5n)
  })

  it('passes over gaps and batches that compaction has emptied', async () => {
    const empty = edited(await batchOf([{ value: 'x' }], { baseOffset: 10n }), (copy) => {
      copy.writeInt32BE(4, 23)
      copy.writeInt32BE(0, 57)
      copy.writeInt32BE(61 - 12, 8)
    }).subarray(0, 61)
    const later = await batchOf([{ value: 'y' }], { baseOffset: 40n })
    const decoded = await decode(Buffer.concat([empty, later]), 10n)
    expect([values(decoded), decoded.next]).toEqual([['y'], 41n])
    expect((await decode(empty, 10n)).next).toBe(15n)
  })

  it('leaves out aborted records and markers, whatever the keys of records are', async () => {
    const zero = { key: Buffer.alloc(4), value: 'like a marker' }
    const batches = Buffer.concat([
      await batchOf([zero, { value: 'aborted' }], { producerId: 7n, baseOffset: 0n }),
      await batchOf([{ value: 'plain' }], { baseOffset: 2n }),
      await batchOf([zero], { producerId: 8n, baseOffset: 3n }),
      await batchOf([zero, { value: 'aborted' }], { producerId: 7n, baseOffset: 4n }),
      await marker(7n, 6n, 0),
      await batchOf([{ value: 'committed' }], { producerId: 7n, baseOffset: 7n }),
      await marker(7n, 8n, 1),
      await marker(8n, 9n, 1),
      await batchOf([{ value: 'aborted' }], { producerId: 8n, baseOffset: 10n }),
      await marker(8n, 11n, 0),
    ])
    const aborted = [
      { producerId: 8n, firstOffset: 10n },
      { producerId: 7n, firstOffset: 0n },
    ]
    const decoded = await decode(batches, 0n, aborted)
    expect([values(decoded), decoded.next]).toEqual([['plain', 'like a marker', 'committed'], 12n])
    expect(values(await decode(batches))).toHaveLength(8) // as read_uncommitted sees it
  })

  it('stops once it has enough', async () => {
    const batches = Buffer.concat([
      await batchOf([{ value: 'a' }], { baseOffset: 0n }),
      await batchOf([{ value: 'b' }], { baseOffset: 1n }),
    ])
    const limits = { batchBytes: 1000, enoughBytes: 1 }
    const first = await decode(batches, 0n, [], limits)
    expect([values(first), first.next]).toEqual([['a'], 1n])
    expect(values(await decode(batches, first.next, [], limits))).toEqual(['b'])
  })

  it('gives every record the time of the batch where the broker stamps them', async () => {
    const stamped = edited(
      await batchOf([
        { value: 'a', timestamp: 1 },
        { value: 'b', timestamp: 9 },
      ]),
      (copy) => {
        copy.writeInt16BE(0x08, 21)
        copy.writeBigInt64BE(77n, 35)
      },
    )
    expect((await decode(stamped)).messages.map(({ timestamp }) => timestamp)).toEqual([77, 77])
  })

  it('holds a batch of 200,000 records', async () => {
    const sent = Array.from({ length: 200_000 }, (_, i) => ({ value: String(i), timestamp: i }))
    const { messages, next } = await decode(await batchOf(sent, { codec: 1 }))
    expect([messages.length, next, String(messages.at(-1)?.value)]).toEqual([200_000, 200_000n, '199999'])
  })
})

describe('a batch that cannot be read is one message at its last offset', () => {
  const unreadable = async (
    edit: (copy: Buffer) => void,
    sent: readonly OutRecord[] = [{ value: 'a' }, { value: 'b' }],
    limits?: DecodeLimits,
  ) => {
    const bad = edited(await batchOf(sent, { baseOffset: 10n }), edit)
    const good = await batchOf([{ value: 'next' }], { baseOffset: 12n })
    const decoded = await decode(Buffer.concat([bad, good]), 10n, [], limits)
    expect(decoded.next).toBe(13n)
    expect(decoded.messages[0]?.value).toEqual(bad.subarray(61))
    expect(decoded.messages[0]?.key).toBeNull()
    expect(values(decoded).at(-1)).toBe('next')
    return reasons(decoded).slice(0, -1)
  }
  const one = (reason: string) => [[11n, `BYTES_MALFORMED ${reason}`]]

  it.each([
    [
      'a codec that is not known',
      (b: Buffer) => b.writeInt16BE(7, 21),
      'it is compressed with codec 7, which is not known',
    ],
    ['no gzip', (b: Buffer) => b.writeInt16BE(1, 21), 'it is no gzip data'],
    ['no snappy', (b: Buffer) => b.writeInt16BE(2, 21), /Snappy/],
    ['no lz4', (b: Buffer) => b.writeInt16BE(3, 21), 'it is no LZ4 data'],
    ['no zstd', (b: Buffer) => b.writeInt16BE(4, 21), 'no Zstandard frame'],
    ['fewer records than it says', (b: Buffer) => b.writeInt32BE(3, 57), 'a record is cut'],
    ['more records than it says', (b: Buffer) => b.writeInt32BE(1, 57), 'bytes follow its last record'],
    ['a negative count', (b: Buffer) => b.writeInt32BE(-1, 57), 'it has fewer than no records'],
    ['a record longer than the batch', (b: Buffer) => b.writeUInt8(0xfe, 61), /a record is/],
    ['an impossible time', (b: Buffer) => b.writeBigInt64BE(2n ** 60n, 27), /cannot be kept exactly/],
  ])('with %s', async (_what, edit, reason) => {
    const [said] = await unreadable(edit)
    expect(said).toEqual([11n, expect.stringMatching(reason)])
  })

  it('from wherever reading begins', async () => {
    const sent = ['a', 'b', 'c'].map((value) => ({ value, timestamp: 0 }))
    const bad = edited(await batchOf(sent, { baseOffset: 10n }), (b) => b.writeUInt8(2, 68)) // the first has a header
    for (const from of [10n, 11n, 12n])
      expect(reasons(await decode(bad, from))).toEqual([[12n, expect.stringMatching(/^BYTES_MALFORMED/)]])
    const many = await batchOf(sent)
    const limits = { batchBytes: 1200, enoughBytes: 1e6 } // two of these records
    for (const from of [0n, 1n, 2n])
      expect(reasons(await decode(many, from, [], limits))).toEqual([[2n, expect.stringMatching(/^BYTES_MALFORMED/)]])
  })

  it('with offsets that repeat', async () => {
    // length, attributes, time, offset, key: none, value: one byte, no headers
    const record = (delta: number) => [14, 0, 0, delta * 2, 1, 2, 97, 0]
    const bad = await batchOf([
      { value: 'a', timestamp: 0 },
      { value: 'a', timestamp: 0 },
    ])
    expect([...bad.subarray(61)]).toEqual([...record(0), ...record(1)])
    expect(
      await unreadable(
        (copy) => copy.set(record(0), 69),
        [
          { value: 'a', timestamp: 0 },
          { value: 'a', timestamp: 0 },
        ],
      ),
    ).toEqual(one('its offsets do not ascend'))
  })

  it('with records that would take too much memory, compressed or many', async () => {
    const bomb = await compress(1, Buffer.alloc(10_000))
    const limits = { batchBytes: 5000, enoughBytes: 1e6 }
    const packed = Buffer.concat([await batchOf([]), bomb])
    packed.writeInt32BE(packed.length - 12, 8)
    packed.writeInt16BE(1, 21)
    packed.writeInt32BE(1, 23)
    expect(reasons(await decode(packed, 0n, [], limits))).toEqual([
      [1n, 'BYTES_MALFORMED it decompresses to more than 5000 bytes'],
    ])
    const many = Array.from({ length: 20 }, () => ({ value: '' }))
    expect(reasons(await decode(await batchOf(many), 0n, [], limits))).toEqual([
      [19n, 'BYTES_MALFORMED its records hold more than 5000 bytes of memory'],
    ])
  })

  it('in an old message format', async () => {
    for (const magic of [0, 1, 3]) {
      const old = edited(await batchOf([{ value: 'a' }], { baseOffset: 4n }), (copy) => copy.writeInt8(magic, 16))
      const decoded = await decode(old, 4n)
      expect(decoded.next).toBe(5n)
      expect(reasons(decoded)).toEqual([[4n, expect.stringContaining(`message format ${magic}`)]])
      expect(decoded.messages[0]).toMatchObject({ timestamp: -1, value: old.subarray(12) })
    }
  })

  it('even where its length or its offsets cannot be true', async () => {
    const good = await batchOf([{ value: 'a' }], { baseOffset: 4n })
    for (const length of [-1, 0, -(2 ** 31), 4]) {
      const decoded = await decode(
        edited(good, (copy) => copy.writeInt32BE(length, 8)),
        9n,
      )
      expect([decoded.next, decoded.messages.length]).toEqual([10n, 1])
    }
    const backwards = await decode(
      edited(good, (copy) => copy.writeInt32BE(-9, 23)),
      4n,
    )
    expect([backwards.next, ...reasons(backwards)]).toEqual([
      5n,
      [4n, 'BYTES_MALFORMED its last offset is before its first'],
    ])
  })
})

describe('hostile bytes', () => {
  it('never throw, and whole batches always move on', async () => {
    const batch = fc
      .tuple(records, fc.nat(codecs.length))
      .map(([sent, codec]) => batchOf(sent, { codec: Math.min(codec, 4) }))
    const harm = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    const limits = { batchBytes: 2 ** 20, enoughBytes: 2 ** 20 }
    await fc.assert(
      fc.asyncProperty(batch, harm, fc.bigInt(0n, 40n), async (promised, places, from) => {
        const copy = Buffer.from(await promised)
        for (const [at, value] of places) copy[at % copy.length] = value
        const { messages, next, bytes: held } = await decode(copy, from, [], limits)
        expect(next).toBeGreaterThanOrEqual(from)
        expect(held).toBeLessThanOrEqual(limits.batchBytes + copy.length)
        for (const { at, timestamp } of messages) {
          expect(at.offset >= from && at.offset < next).toBe(true)
          expect(Number.isSafeInteger(timestamp)).toBe(true)
        }
      }),
      { seed: 2, numRuns: 1500 },
    )
  })

  it('of any kind never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        expect((await decode(Buffer.from(noise), 1n)).next).toBeGreaterThanOrEqual(1n)
      }),
      { seed: 3, numRuns: 2000 },
    )
  })
})
