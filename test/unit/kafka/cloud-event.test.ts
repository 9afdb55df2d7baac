import { Kafka, type CloudEvent as Sdk } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import type { CloudEvent } from '../../../src/core/line.ts'
import { lifecycleEvent } from '../../../src/engine/events.ts'
import { eventMessage } from '../../../src/kafka/cloud-event.ts'
import { message } from '../engine/decode-messages.ts'
import { baseline, clean, finding, outcomeOf, policyDigest } from '../engine/outcomes.ts'

/** The event as the CloudEvents SDK reads it from a message. */
function readBySdk(event: CloudEvent): Sdk<unknown> {
  const { headers, key, value, timestamp } = eventMessage(event, 4)
  const texts = Object.fromEntries(headers.map(([name, bytes]) => [name, Buffer.from(bytes ?? []).toString()]))
  const body = Buffer.from(value ?? []).toString()
  const read = Kafka.toEvent({
    headers: texts,
    key: Buffer.from(key ?? []).toString(),
    value: body,
    body,
    timestamp: Number(timestamp),
  } as never)
  if (Array.isArray(read)) throw new Error('one event became several')
  return read as Sdk<unknown>
}

const lifecycle = lifecycleEvent('started', {
  pipeline: 'mail ü',
  baseline,
  policy: policyDigest,
  engine: '0.1.0',
  member: 'taster \u0000\u202e世',
  at: new Date(1.7e12),
})
const events = [
  ...outcomeOf([message('{"text":"a"}', []), message('{"text":"ü"}', []), message('{', [])], {
    ...clean,
    findings: [finding()],
  }).events,
  lifecycle,
]

describe('eventMessage', () => {
  it.each(events.map((event) => [event.type, event] as const))('is read by the CloudEvents SDK: %s', (_, event) => {
    const read = readBySdk(event)
    expect(() => read.validate()).not.toThrow()
    const { specversion, id, source, type, time, subject, datacontenttype, data } = read
    expect({ specversion, id, source, type, time, subject, datacontenttype, data }).toEqual(
      JSON.parse(JSON.stringify(event)),
    )
  })

  it('keeps the events of a pipeline in order, on a partition that exists', () => {
    for (const partitions of [1, 2, 50]) {
      const messages = events.slice(0, -1).map((event) => eventMessage(event, partitions))
      expect(new Set(messages.map(({ partition }) => partition)).size).toBe(1)
      expect(new Set(messages.map(({ key }) => String(key))).size).toBe(1)
      for (const { partition } of messages) expect(partition >= 0 && partition < partitions).toBe(true)
    }
    const spread = Array.from(
      { length: 100 },
      (_, i) => eventMessage({ ...lifecycle, source: `/taster/${i}` }, 8).partition,
    )
    expect(new Set(spread).size).toBe(8)
  })

  it('writes text and nothing that is missing', () => {
    const { subject: _, ...without } = lifecycle
    const { headers, value, timestamp } = eventMessage(without, 1)
    expect(headers.map(([name]) => name)).not.toContain('ce_subject')
    expect(headers.every(([, bytes]) => bytes !== null && bytes.length > 0)).toBe(true)
    expect(JSON.parse(Buffer.from(value ?? []).toString())).toEqual(lifecycle.data)
    expect(timestamp).toBe('1700000000000')
  })
})
