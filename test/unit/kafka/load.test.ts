import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { kafkajs } from '../../../src/kafka/load.ts'
import { encodeBatch } from '../../../src/kafka/wire/encode.ts'

const require = createRequire(import.meta.url)
type Encoded = { buffer: Buffer }

it('the client is loaded with our modules in place of its own', () => {
  expect(require('kafkajs')).toBe(kafkajs)
  const decode = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as { name: string }
  expect(decode.name).toBe('rawRecords')
  for (const version of [4, 5, 7, 9, 11]) require(`kafkajs/src/protocol/requests/fetch/v${version}/response`)
})

it('an error of a partition is told with its topic, and not as one that another partition caused', async () => {
  const responseTo = (api: string) =>
    require(`kafkajs/src/protocol/requests/${api}/response`) as { parse: (data: object) => Promise<unknown> }
  const added = (code: number) => ({
    errors: [
      { topic: 'state', partitionErrors: [{ partition: 0, errorCode: 55 }] },
      { topic: 'clean', partitionErrors: [{ partition: 3, errorCode: code }] },
    ],
  })
  const adding = responseTo('addPartitionsToTxn/v1')
  await expect(adding.parse(added(29))).rejects.toMatchObject({
    type: 'TOPIC_AUTHORIZATION_FAILED',
    message: expect.stringMatching(/\(topic clean, partition 3\)$/) as string,
  })
  await expect(adding.parse(added(55))).rejects.toMatchObject({ type: 'OPERATION_NOT_ATTEMPTED' })
  const written = (errorCode: number) => ({
    topics: [{ topicName: 'clean', partitions: [{ partition: 0, errorCode }] }],
  })
  await expect(responseTo('produce/v7').parse(written(10))).rejects.toThrow(/\(topic clean, partition 0\)$/)
  expect(await responseTo('produce/v7').parse(written(0))).toEqual(written(0))
  const topicMetadata = [{ topic: 'gone', topicErrorCode: 3, partitionMetadata: [] }]
  await expect(responseTo('metadata/v6').parse({ topicMetadata })).rejects.toMatchObject({
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
    message: expect.stringMatching(/\(topic gone\)$/) as string,
  })
})

it('a produce request is, byte for byte, what the client would have made of ordinary messages', async () => {
  const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
    RecordBatch: (of: object) => Promise<Encoded>
  }
  const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (of: object) => object
  const request = require('kafkajs/src/protocol/requests/produce/v7/request') as (of: object) => {
    apiKey: number
    apiVersion: number
    encode: () => Promise<Encoded>
  }
  const messages = Array.from({ length: 300 }, (_, i) => ({
    key: i % 3 === 0 ? null : Buffer.from(`key ${i}`),
    value: i % 5 === 0 ? null : Buffer.alloc(i, i),
    headers: { [`h${i}`]: Buffer.from('value'), other: 'text' },
    timestamp: String(1_700_000_000_000 + i * 977),
  }))
  const theirs = await RecordBatch({
    records: messages.map((message, i) => Record({ ...message, offsetDelta: i, timestampDelta: i * 977 })),
    firstTimestamp: '1700000000000',
    maxTimestamp: messages.at(-1)?.timestamp,
    partitionLeaderEpoch: -1,
    producerId: '4711',
    producerEpoch: 3,
    firstSequence: 12,
    transactional: true,
    lastOffsetDelta: 299,
  })
  const ours = await encodeBatch({
    records: messages,
    codec: 0,
    transactional: true,
    producerId: 4711n,
    producerEpoch: 3,
    firstSequence: 12,
  })
  expect(ours.equals(theirs.buffer)).toBe(true)

  const { apiKey, apiVersion, encode } = request({
    acks: -1,
    timeout: 1000,
    transactionalId: 'tx',
    producerId: '4711',
    producerEpoch: 3,
    topicData: [{ topic: 't', partitions: [{ partition: 2, firstSequence: 12, messages }] }],
  })
  expect([apiKey, apiVersion]).toEqual([0, 7])
  const head = Buffer.from([
    0, 2, 0x74, 0x78, 0xff, 0xff, 0, 0, 3, 0xe8, 0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 1, 0, 0, 0, 2,
  ])
  const size = Buffer.alloc(4)
  size.writeInt32BE(ours.length)
  expect((await encode()).buffer.equals(Buffer.concat([head, size, ours]))).toBe(true)
})
