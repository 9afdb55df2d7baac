import { hash32 } from '../core/hash.ts'
import type { CloudEvent } from '../core/line.ts'
import type { Header } from '../core/message.ts'
import type { OutMessage } from './outbound.ts'

/**
 * An event as a message, in the binary mode of the CloudEvents 1.0 Kafka binding: attributes in headers, data as the
 * value (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md). Its key is
 * the event's source, so that the events of a pipeline stay in order on one of the topic's `partitions`.
 */
export function eventMessage(event: CloudEvent, partitions: number): OutMessage {
  const { specversion, id, source, type, time, subject, datacontenttype, data } = event
  const headers: Header[] = [
    ['content-type', Buffer.from(datacontenttype)],
    ['ce_specversion', Buffer.from(specversion)],
    ['ce_id', Buffer.from(id)],
    ['ce_source', Buffer.from(source)],
    ['ce_type', Buffer.from(type)],
    ['ce_time', Buffer.from(time)],
  ]
  if (subject !== undefined) headers.push(['ce_subject', Buffer.from(subject)])
  return {
    key: Buffer.from(source),
    value: Buffer.from(JSON.stringify(data)),
    headers,
    timestamp: String(Date.parse(time)),
    partition: hash32(source) % partitions,
  }
}
