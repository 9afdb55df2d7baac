import { setTimeout as wait } from 'node:timers/promises'
import { openClient } from '../src/kafka/client.ts'
import { connectionFrom } from '../src/kafka/connection.ts'

/** Three names for the three partitions of each internal topic: their hashes are consecutive numbers. */
const probes = ['taster-probe-0', 'taster-probe-1', 'taster-probe-2']

/**
 * Resolves once groups and transactions can be coordinated; an open port says nothing about that. Throws what the
 * last attempt met once `patienceMs` are over, and at once what `failed` rejects with.
 */
export async function untilReady(brokers: string, patienceMs: number, failed?: Promise<never>): Promise<void> {
  const end = performance.now() + patienceMs
  const over = new AbortController()
  const poll = async () => {
    for (;;) {
      try {
        return await coordinates(brokers)
      } catch (error) {
        if (over.signal.aborted || performance.now() > end) throw error
        await wait(100)
      }
    }
  }
  await Promise.race([poll(), ...(failed === undefined ? [] : [failed])]).finally(() => over.abort())
}

async function coordinates(brokers: string): Promise<void> {
  const { kafka } = openClient(connectionFrom({ KAFKA_BROKERS: brokers, KAFKA_REQUEST_TIMEOUT_MS: '5000' }))
  const retry = { retries: 3, initialRetryTime: 50 } // the client learns of the cluster only when its first try fails
  const admin = kafka.admin({ retry })
  try {
    await admin.connect()
    for (const groupId of probes) await admin.fetchOffsets({ groupId })
    for (const transactionalId of probes) {
      const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1, retry })
      await producer.connect()
      await producer.transaction().then((transaction) => transaction.abort())
      await producer.disconnect()
    }
  } finally {
    await admin.disconnect()
  }
}
