import type { Header, Message } from '../core/message.ts'

/** What a finding header says. */
export interface ToldFinding {
  readonly detector: string
  readonly subject: unknown
  readonly summary: string
}

export interface ToldVerdict {
  readonly decision: string
  readonly id: string
  readonly reason: string | null
  readonly findings: readonly ToldFinding[]
  readonly suspectedBy: readonly string[] // detectors that suspect a record of this message
  readonly pipeline: string | null
  readonly baseline: string | null
  readonly batch: string | null
  readonly rows: string | null
  readonly origin: { readonly topic: string; readonly partition: string; readonly offset: string } | null
}

export interface ToldEvent {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly time: string
  readonly subject: string | null
  readonly data: unknown // null where it is no JSON
}

/** A message as `taster tail` sees it: an event, a record with a verdict, or a record that nobody has judged yet. */
export interface Seen {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly timestamp: string | null // RFC 3339; null where it is none that a calendar knows
  readonly bytes: number // of the value
  readonly event: ToldEvent | null
  readonly verdict: ToldVerdict | null
  readonly key: string | null
  readonly value: string | null // as text, or base64 of other bytes
}

const mostFindings = 16

/** Key and value are only kept with `values`. */
export function seenOf({ at, timestamp, key, value, headers }: Message, values: boolean): Seen {
  const date = new Date(timestamp)
  return {
    topic: at.topic,
    partition: at.partition,
    offset: String(at.offset),
    timestamp: Number.isNaN(date.getTime()) ? null : date.toISOString(),
    bytes: value?.length ?? 0,
    event: eventOf(lastOf(headers), value),
    verdict: verdictOf(headers),
    key: values ? asText(key) : null,
    value: values ? asText(value) : null,
  }
}

type Told = (name: string) => string | null

/** The last header of a name counts, whatever was written before. */
function lastOf(headers: readonly Header[]): Told {
  const last = new Map(headers)
  return (name) => {
    const value = last.get(name)
    return value == null ? null : Buffer.from(value).toString()
  }
}

function eventOf(told: Told, value: Uint8Array | null): ToldEvent | null {
  const [id, type, source] = [told('ce_id'), told('ce_type'), told('ce_source')]
  // A record that passed may be an event of someone else.
  if (id === null || type === null || source === null || told('taster-verdict') !== null) return null
  const isJson = told('content-type')?.startsWith('application/json') === true
  const data = isJson && value !== null ? parsed(Buffer.from(value).toString()) : null
  return { id, type, source, time: told('ce_time') ?? '', subject: told('ce_subject'), data }
}

/** Taster's own headers begin with its verdict and end the message: any before it are of a producer, or of an earlier pipeline. */
function verdictOf(headers: readonly Header[]): ToldVerdict | null {
  const own = headers.slice(
    Math.max(
      0,
      headers.findLastIndex(([name]) => name === 'taster-verdict'),
    ),
  )
  const told = lastOf(own)
  const decision = told('taster-verdict')
  if (decision === null) return null
  const all = (name: string) =>
    own.flatMap(([of, value]) => (of === name && value !== null ? [Buffer.from(value).toString()] : []))
  const topic = told('__connect.errors.topic') ?? told('kafka_dlt-original-topic')
  const [partition, offset] = [told('__connect.errors.partition'), told('__connect.errors.offset')]
  return {
    decision,
    id: told('taster-verdict-id') ?? '',
    reason: told('taster-reason'),
    findings: all('taster-finding')
      .slice(-mostFindings)
      .flatMap((text) => findingOf(parsed(text))),
    suspectedBy: all('taster-suspect').slice(-mostFindings),
    pipeline: told('taster-pipeline'),
    baseline: told('taster-baseline'),
    batch: told('taster-batch'),
    rows: told('taster-rows'),
    origin: topic === null || partition === null || offset === null ? null : { topic, partition, offset },
  }
}

function findingOf(json: unknown): ToldFinding[] {
  if (typeof json !== 'object' || json === null) return []
  const { detector, subject, summary } = json as { readonly [name: string]: unknown }
  return typeof detector === 'string' && typeof summary === 'string' ? [{ detector, subject, summary }] : []
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function asText(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('base64')
  }
}
