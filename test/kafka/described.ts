import { Kafka, type CloudEvent } from 'cloudevents'
import { expect } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import { problemsOfEvent, problemsOfHeaders } from '../contract/asyncapi.ts'
import type { Seen } from './stream.ts'

/** The last header of each name as text: what readers of Taster's headers go by. */
export function textHeaders({ headers }: Message): { readonly [name: string]: string } {
  return Object.fromEntries(headers.map(([name, value]) => [name, Buffer.from(value ?? []).toString()]))
}

/** Holds what a pipeline wrote against asyncapi.yaml, and its events against the CloudEvents SDK. Gives how many of each type. */
export function expectDescribed({ clean, quarantine, deadLetter, events }: Omit<Seen, 'input'>): Map<string, number> {
  const uses = [
    ['passed', clean],
    ['quarantined', quarantine],
    ['deadLetter', deadLetter],
  ] as const
  for (const [use, messages] of uses)
    for (const message of messages) expect(problemsOfHeaders(use, textHeaders(message))).toEqual([])
  const counts = new Map<string, number>()
  for (const event of events) {
    const headers = textHeaders(event)
    const body = Buffer.from(event.value ?? []).toString()
    const data: unknown = JSON.parse(body)
    expect(problemsOfEvent(headers, data)).toEqual([])
    const message = { headers, key: String(event.key), value: body, body, timestamp: event.timestamp }
    const read = Kafka.toEvent(message as never) as CloudEvent<unknown>
    expect(read.validate()).toBe(true)
    expect(read).toMatchObject({ id: headers['ce_id'], type: headers['ce_type'], data })
    counts.set(read.type, (counts.get(read.type) ?? 0) + 1)
  }
  return counts
}
