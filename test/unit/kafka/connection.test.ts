import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TasterError } from '../../../src/core/errors.ts'
import { connectionFrom } from '../../../src/kafka/connection.ts'

let folder: string
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'connection-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function failureOf(env: Record<string, string>): TasterError {
  try {
    connectionFrom(env)
  } catch (error) {
    if (error instanceof TasterError) return error
  }
  throw new Error('no failure')
}
const problemsOf = (env: Record<string, string>) =>
  failureOf(env).problems.map(({ where, message }) => `${where}: ${message}`)

describe('the connection', () => {
  it('needs brokers alone', () => {
    expect(connectionFrom({ KAFKA_BROKERS: ' kafka-1:9092, kafka-2:9093 ,kafka-1:9092', KAFKA_SSL: '' })).toEqual({
      brokers: ['kafka-1:9092', 'kafka-2:9093'],
      clientId: 'taster',
      ssl: false,
      sasl: null,
      sessionTimeoutMs: 30_000,
      requestTimeoutMs: 30_000,
      metadataMaxAgeMs: 60_000,
    })
  })

  it('takes TLS, and secrets from files or variables', () => {
    const connection = connectionFrom({
      KAFKA_BROKERS: 'kafka:9092',
      KAFKA_CLIENT_ID: 'mail',
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: file('ca.pem', 'CA\n'),
      KAFKA_SSL_CERT_FILE: file('cert.pem', 'CERT'),
      KAFKA_SSL_KEY_FILE: file('key.pem', 'KEY'),
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'user',
      KAFKA_SASL_PASSWORD_FILE: file('password', ' s3cret \r\n'),
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      KAFKA_REQUEST_TIMEOUT_MS: '15000',
      KAFKA_METADATA_MAX_AGE_MS: '10000',
    })
    expect(connection).toEqual({
      brokers: ['kafka:9092'],
      clientId: 'mail',
      ssl: { ca: 'CA\n', cert: 'CERT', key: 'KEY', rejectUnauthorized: true },
      sasl: { mechanism: 'scram-sha-512', username: 'user', password: ' s3cret ' },
      sessionTimeoutMs: 6000,
      requestTimeoutMs: 15_000,
      metadataMaxAgeMs: 10_000,
    })
  })

  it('names every problem at once, and no secret', () => {
    expect(
      problemsOf({
        KAFKA_BROKERS: 'kafka:9092,http://user:s3cret@kafka:9092,[::1]:9092,kafka:0,kafka',
        KAFKA_CLIENT_ID: 'a b',
        KAFKA_SSL: 'yes',
        KAFKA_SSL_CA_FILE: join(folder, 'none.pem'),
        KAFKA_SSL_KEY_FILE: join(folder, 'none.pem'),
        KAFKA_SASL_MECHANISM: 'gssapi',
        KAFKA_SASL_PASSWORD: 's3cret',
        KAFKA_SASL_PASSWORD_FILE: file('empty', ''),
        KAFKA_SESSION_TIMEOUT_MS: '-1',
        KAFKA_REQUEST_TIMEOUT_MS: '5',
      }),
    ).toEqual([
      'KAFKA_BROKERS: broker 2 of 5 is no host:port',
      'KAFKA_BROKERS: broker 3 of 5 is no host:port',
      'KAFKA_BROKERS: broker 4 of 5 is no host:port',
      'KAFKA_BROKERS: broker 5 of 5 is no host:port',
      'KAFKA_CLIENT_ID: it has other characters than it may',
      'KAFKA_SSL: "yes" is neither true nor false',
      'KAFKA_SSL_CERT_FILE: it is not set though KAFKA_SSL_KEY_FILE is',
      expect.stringMatching(/^KAFKA_SSL_CA_FILE: .*none.pem cannot be read \(ENOENT\)$/),
      expect.stringMatching(/^KAFKA_SSL_KEY_FILE: .*none.pem cannot be read \(ENOENT\)$/),
      'KAFKA_SASL_PASSWORD: both it and KAFKA_SASL_PASSWORD_FILE are set',
      'KAFKA_SASL_MECHANISM: "gssapi" is not known',
      'KAFKA_SASL_USERNAME: it is not set though KAFKA_SASL_MECHANISM is',
      'KAFKA_SESSION_TIMEOUT_MS: "-1" is not from 1000 to 1800000',
      'KAFKA_REQUEST_TIMEOUT_MS: "5" is not from 1000 to 1800000',
    ])
    expect(problemsOf({})).toEqual(['KAFKA_BROKERS: it is not set'])
  })

  it('fails with a code, a remedy for each problem, and no secret', () => {
    const { code, message, problems } = failureOf({
      KAFKA_BROKERS: 'http://user:s3cret@kafka:9092',
      KAFKA_SASL_PASSWORD: 's3cret',
    })
    expect(code).toBe('CONFIG_INVALID')
    expect(problems.map(({ where, remedy }) => `${where}: ${remedy}`)).toEqual([
      expect.stringMatching(/^KAFKA_BROKERS: name brokers as host:port/),
      expect.stringMatching(/^KAFKA_SASL_MECHANISM: set it to one of/),
    ])
    expect(JSON.stringify([message, problems])).not.toContain('s3cret')
  })

  it('is not made weaker than was meant', () => {
    const env = { KAFKA_BROKERS: 'kafka:9092' }
    expect(problemsOf({ ...env, KAFKA_SSL_CA_FILE: '/ca.pem' })).toEqual([
      'KAFKA_SSL_CA_FILE: it is set though KAFKA_SSL is not true',
    ])
    expect(problemsOf({ ...env, KAFKA_SASL_USERNAME: 'user' })).toEqual([
      'KAFKA_SASL_MECHANISM: it is not set though a user name or password is',
    ])
    expect(
      problemsOf({
        ...env,
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: 'user',
        KAFKA_SASL_PASSWORD_FILE: file('nothing', '\n'),
      }),
    ).toEqual(['KAFKA_SASL_PASSWORD_FILE: the file is empty'])
  })
})
