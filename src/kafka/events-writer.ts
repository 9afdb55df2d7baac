import { setTimeout as sleep } from 'node:timers/promises'
import { TasterError } from '../core/errors.ts'
import type { CloudEvent } from '../core/line.ts'
import type { Client } from './client.ts'
import { eventMessage } from './cloud-event.ts'
import { openPublisher } from './produce.ts'
import { within } from './within.ts'

export interface EventsWriter {
  /** Writes an event after those before it; does not wait for that. */
  tell(event: CloudEvent): void
  /** Rejects once an event cannot be written at all. */
  readonly failed: Promise<never>
  /** Waits for what was told, for some seconds. */
  close(): Promise<void>
}

const pauseMs = 1000
const closingMs = 10_000
const most = 1000 // events that wait; of more, while the brokers are away for long, the newest are not told

/**
 * Writes events to a topic outside of any transaction. Brokers that go away are waited for. Throws TOPIC_MISSING,
 * ACCESS_DENIED, BROKER_UNAVAILABLE.
 */
export async function openEventsWriter(
  client: Client,
  topic: string,
  trouble: (error: TasterError) => void,
): Promise<EventsWriter> {
  const publisher = await openPublisher(client, topic, { compression: 'none', trouble })
  let last: Promise<void> = Promise.resolve()
  let waiting = 0
  let closing = false
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(() => {}) // is seen where it is awaited

  const write = async (event: CloudEvent) => {
    for (;;)
      try {
        await publisher.send([eventMessage(event, publisher.partitions)], () => {})
        waiting--
        return
      } catch (error) {
        if (!(error instanceof TasterError) || error.code !== 'BROKER_UNAVAILABLE' || closing) throw error
        trouble(error)
        await sleep(pauseMs)
      }
  }
  return {
    failed,
    tell(event) {
      if (waiting >= most) return
      waiting++
      last = last.then(() => write(event))
      last.catch(fail)
    },
    async close() {
      closing = true
      await within(
        closingMs,
        last.catch(() => {}),
      )
      await within(closingMs, publisher.close())
    },
  }
}
