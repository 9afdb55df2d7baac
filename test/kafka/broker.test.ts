import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import { build } from '../integration/taster.ts'
import { clientOf, createTopic, freshName, produceAll, readAll } from './topic.ts'

const text = (value: Uint8Array | null | undefined) => new TextDecoder().decode(value ?? undefined)

describe('the shared broker', () => {
  it('takes transactions and hides what they abort', async () => {
    const client = clientOf()
    const topic = await createTopic(client)
    const producer = client.kafka.producer({ transactionalId: freshName('tx'), maxInFlightRequests: 1 })
    await producer.connect()
    const send = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value, partition: 0 }] })
      await transaction[end]()
    }
    await send('aborted', 'abort')
    await send('committed', 'commit')
    await producer.disconnect()
    expect((await readAll(client, topic)).map(({ value }) => text(value))).toEqual(['committed'])
    expect(await readAll(client, topic, 'read_uncommitted')).toHaveLength(2)
  })
})

describe('a broker of our own', () => {
  let broker: JvmBroker
  beforeAll(async () => void (broker = await startJvmBroker()))
  afterAll(() => broker?.stop())

  it('keeps port and data when it is killed and started again', async () => {
    const { brokers, pid } = broker
    const client = clientOf(brokers)
    const topic = await createTopic(client, { partitions: 2 })
    await produceAll(client, topic, [{ value: 'a' }, { value: 'b', partition: 1 }, { value: null, key: 'c' }])
    await broker.kill()
    await expect(createTopic(client)).rejects.toThrow(/ECONNREFUSED|Connection error/)
    await broker.restart()
    expect(broker.brokers).toBe(brokers)
    expect(broker.pid).not.toBe(pid)
    const messages = await readAll(client, topic)
    expect(messages.map(({ at, value }) => [at.partition, value && text(value)])).toEqual([
      [0, 'a'],
      [0, null],
      [1, 'b'],
    ])
  })

  it('takes messages of 12 MB', async () => {
    const client = clientOf(broker.brokers)
    const topic = await createTopic(client, { config: { 'max.message.bytes': String(13 * 2 ** 20) } })
    const value = Buffer.alloc(12e6, 'taster')
    await produceAll(client, topic, [{ value }])
    const [message] = await readAll(client, topic)
    expect(Buffer.compare(message?.value ?? Buffer.alloc(0), value)).toBe(0)
  })

  it('does not outlive a process that is killed', async () => {
    build()
    const module = fileURLToPath(new URL('../../dist/broker/home.js', import.meta.url))
    const program = `
      import { spawn } from 'node:child_process'
      import { openHome } from ${JSON.stringify(module)}
      const home = openHome()
      const { pid } = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
      home.keep(pid)
      process.stdout.write(pid + ' ' + home.folder, () => process.kill(process.pid, 'SIGKILL'))`
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    expect(signal).toBe('SIGKILL')
    const [pid, folder] = stdout.split(' ')
    await vi.waitFor(
      () => expect([existsSync(`/proc/${pid}/cwd`), existsSync(folder ?? '/')]).toEqual([false, false]),
      {
        timeout: 30_000,
      },
    )
  })
})

it('says how to get a broker where there is no way to one', async () => {
  const { PATH } = process.env
  process.env['PATH'] = '/nowhere'
  await expect(startJvmBroker()).rejects.toThrow(/Java does not run here.*\n\n.*KAFKA_BROKERS.*--project unit/s)
  process.env['PATH'] = PATH
})
