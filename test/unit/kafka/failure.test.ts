import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { TasterError, type Code } from '../../../src/core/errors.ts'
import { kafkaFailure } from '../../../src/kafka/failure.ts'

const require = createRequire(import.meta.url)
const errors = require('kafkajs/src/errors') as Record<string, new (...of: unknown[]) => Error>
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode: (code: number) => Error
}
const make = (name: string, ...of: unknown[]): Error => {
  const Type = errors[name]
  if (Type === undefined) throw new Error(name)
  return new Type(...of)
}

describe('a failure of the client', () => {
  // Numbers of https://kafka.apache.org/protocol#protocol_error_codes
  it.each<[number, Code]>([
    [1, 'OFFSET_OUT_OF_RANGE'],
    [3, 'TOPIC_MISSING'],
    [10, 'MESSAGE_TOO_LARGE'],
    [18, 'MESSAGE_TOO_LARGE'],
    [29, 'ACCESS_DENIED'],
    [30, 'ACCESS_DENIED'],
    [31, 'ACCESS_DENIED'],
    [53, 'ACCESS_DENIED'],
    [58, 'ACCESS_DENIED'],
    [32, 'OUTPUT_FAILED'],
    [26, 'CONFIG_INVALID'],
    [47, 'PRODUCER_FENCED'],
    [48, 'PRODUCER_FENCED'],
    [90, 'PRODUCER_FENCED'],
    [7, 'BROKER_UNAVAILABLE'],
    [9999, 'BROKER_UNAVAILABLE'],
  ])('of protocol error %d is %s, however it is wrapped', (number, code) => {
    const bare = createErrorFromCode(number)
    const retried = make('KafkaJSNumberOfRetriesExceeded', bare, { retryCount: 5, retryTime: 10 })
    const bailed = make('KafkaJSNonRetriableError', bare, { cause: bare })
    for (const error of [bare, retried, bailed, make('KafkaJSNonRetriableError', retried, { cause: retried })]) {
      const failure = kafkaFailure(error, 'writing to topic mail.clean')
      expect(failure).toMatchObject({ code, cause: error })
      expect(failure.message).toMatch(/^Writing to topic mail.clean failed: .*; ./)
    }
  })

  it('says what would be right', () => {
    expect(kafkaFailure(createErrorFromCode(3), 'x').message).toContain('`taster topics <pipeline>`')
    expect(kafkaFailure(createErrorFromCode(53), 'x').message).toContain('WRITE and DESCRIBE on transactional ids')
  })

  it('of SASL is ACCESS_DENIED, of a connection BROKER_UNAVAILABLE', () => {
    expect(kafkaFailure(make('KafkaJSSASLAuthenticationError', 'no'), 'x').code).toBe('ACCESS_DENIED')
    const refused = make('KafkaJSConnectionError', 'Connection error: connect ECONNREFUSED', { broker: 'kafka:9092' })
    expect(kafkaFailure(refused, 'x').code).toBe('BROKER_UNAVAILABLE')
    expect(kafkaFailure('text', 'x').code).toBe('BROKER_UNAVAILABLE')
  })

  it('that is a mistake of ours is INVARIANT_BROKEN', () => {
    expect(kafkaFailure(new TypeError('undefined is no function'), 'x').code).toBe('INVARIANT_BROKEN')
    const wrapped = make('KafkaJSNonRetriableError', new RangeError('out'), { cause: new RangeError('out') })
    expect(kafkaFailure(wrapped, 'x').code).toBe('INVARIANT_BROKEN')
  })

  it('that is classified already stays, and the first of several decides', () => {
    const ours = new TasterError('STATE_BROKEN', 'gone')
    expect(kafkaFailure(ours, 'x')).toBe(ours)
    const several = make('KafkaJSAggregateError', 'several', [
      make('KafkaJSCreateTopicError', createErrorFromCode(44), 't'),
    ])
    expect(kafkaFailure(several, 'x').code).toBe('OUTPUT_FAILED')
  })

  it('that wraps itself ends', () => {
    const error = new Error('round')
    error.cause = error
    expect(kafkaFailure(error, 'x').code).toBe('BROKER_UNAVAILABLE')
  })
})
