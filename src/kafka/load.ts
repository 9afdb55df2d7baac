import Module, { createRequire } from 'node:module'
import type * as Kafkajs from 'kafkajs'
import { TasterError } from '../core/errors.ts'
import { groupByPartition } from './wire/group-by-partition.ts'
import { produceRequest, type EncoderClass } from './wire/produce-request.ts'
import {
  addPartitionsAnswers,
  metadataAnswers,
  parseOf,
  produceAnswers,
  type ResponseModule,
} from './wire/response-errors.ts'

const require = createRequire(import.meta.url)

/**
 * kafkajs with three of its modules replaced by ours before it is first loaded; everything in src/kafka takes it from
 * here. Its own decoding mixes a header named `constructor` or `__proto__` with what objects inherit, loses the order of
 * headers, fails a whole fetch on one hostile record and takes a message with the key 00 00 00 00 for the end of an
 * aborted transaction; its encoding cannot send such headers again. The replaced modules:
 *
 * - decoding of fetched records: a fetch now carries the raw bytes (`RawRecords`), which `openReader` decodes. A consumer
 *   of kafkajs' own therefore sees no messages: it is of use for membership in a group only.
 * - the produce request: record batches are encoded by wire/encode.ts; headers may be a list of pairs.
 * - sharing messages out among partitions: in linear time, and a partition that the topic lacks is an error, where
 *   kafkajs would drop its messages without a word.
 *
 * Some functions are changed in place, too: that a user may not ask for a coordinator is told, where kafkajs would say
 * that none was found, and errors of single partitions are told with their topic.
 */
export const kafkajs: typeof Kafkajs = load()

/** The records of one partition in the answer to a fetch: an array without elements for kafkajs, the bytes for us. */
export type RawRecords = readonly never[] & { readonly bytes: Buffer }

export interface ListedOffset {
  readonly partition: number
  readonly offset: string
}

export interface FetchedPartition {
  readonly partition: number
  readonly highWatermark: string
  readonly lastStableOffset: string
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[]
  readonly messages: RawRecords
}

/** The part of kafkajs' broker that is used directly. */
export interface Broker {
  fetch(request: {
    isolationLevel: number
    maxWaitTime: number // ms
    minBytes: number
    maxBytes: number
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[]
  }): Promise<{ readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[] }>
  listOffsets(request: {
    isolationLevel: number
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[]
  }): Promise<{ readonly responses: readonly { readonly partitions: readonly ListedOffset[] }[] }>
}

/** Connections to a cluster and what is known of its topics: the part of kafkajs' cluster that is used directly. */
export interface Cluster extends Pick<
  Kafkajs.Cluster,
  | 'connect'
  | 'disconnect'
  | 'addTargetTopic'
  | 'refreshMetadata'
  | 'findLeaderForPartitions'
  | 'findTopicPartitionMetadata'
> {
  findBroker(node: { nodeId: string }): Promise<Broker>
}

export interface ClusterOptions {
  readonly logger: Kafkajs.Logger
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl: object | undefined
  readonly sasl: object | undefined
  readonly socketFactory: unknown
  readonly connectionTimeout: number
  readonly authenticationTimeout: number
  readonly requestTimeout: number
  readonly enforceRequestTimeout: boolean
  readonly metadataMaxAge: number
  readonly allowAutoTopicCreation: boolean
  readonly retry: object
}

export const ClusterOf = inside('cluster') as new (options: ClusterOptions) => Cluster

interface Decoder {
  readInt32(): number
  readBytes(length: number): Buffer
}

async function rawRecords(decoder: Decoder): Promise<RawRecords> {
  const size = decoder.readInt32()
  return Object.assign([], { bytes: size > 0 ? decoder.readBytes(size) : Buffer.alloc(0) })
}

function load(): typeof Kafkajs {
  const replacements: readonly [path: string, by: object][] = [
    ['protocol/requests/fetch/v4/decodeMessages', rawRecords],
    ['protocol/requests/produce/v3/request', produceRequest(inside('protocol/encoder') as EncoderClass)],
    ['producer/groupMessagesPerPartition', groupByPartition],
  ]
  const ours = Symbol.for('taster.kafkajs')
  for (const [path, by] of replacements) {
    const file = require.resolve(`kafkajs/src/${path}`)
    const loaded = require.cache[file]
    if (loaded !== undefined && !Object.hasOwn(loaded.exports as object, ours)) {
      throw new TasterError('INVARIANT_BROKEN', `kafkajs was loaded before Taster could replace its ${path}`)
    }
    const module = new Module(file)
    module.filename = file
    module.loaded = true
    module.exports = Object.assign(by, { [ours]: true })
    require.cache[file] = module
  }
  const client = require('kafkajs') as typeof Kafkajs
  tellRefusals((inside('cluster/brokerPool') as { readonly prototype: BrokerPool }).prototype)
  tellTopics()
  return client
}

interface BrokerPool {
  withBroker: (this: BrokerPool, ask: (of: object) => Promise<unknown>) => Promise<unknown>
}

function tellRefusals(pool: BrokerPool): void {
  const { withBroker } = pool // asks one broker after another until one answers, and forgets all errors
  pool.withBroker = async function (ask) {
    let refusal: unknown
    const answer = await withBroker.call(this, (of) =>
      ask(of).catch((error: unknown) => {
        if (String((error as { type?: unknown } | null)?.type).endsWith('_AUTHORIZATION_FAILED')) refusal ??= error
        throw error
      }),
    )
    if (answer === null && refusal !== undefined) throw refusal
    return answer
  }
}

function tellTopics(): void {
  const { createErrorFromCode } = inside('protocol/error') as { createErrorFromCode: (code: number) => Error }
  const responses = (api: string, versions: readonly number[]) =>
    versions.map((version) => inside(`protocol/requests/${api}/v${version}/response`) as ResponseModule)
  for (const response of responses('addPartitionsToTxn', [0, 1]))
    response.parse = parseOf(addPartitionsAnswers, createErrorFromCode)
  for (const response of responses('produce', [3, 4, 5, 6, 7]))
    response.parse = parseOf(produceAnswers, createErrorFromCode)
  for (const response of responses('metadata', [0, 1, 2, 3, 4, 5, 6]))
    response.parse = parseOf(metadataAnswers, createErrorFromCode)
}

function inside(path: string): unknown {
  return require(`kafkajs/src/${path}`)
}
