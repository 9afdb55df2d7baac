import { TasterError } from '../core/errors.ts'
import type { Outcome } from '../core/line.ts'
import type { Header, Message } from '../core/message.ts'
import { printable } from '../core/printable.ts'
import type { Decision, Ruling } from '../core/verdict.ts'
import { headers, textHeader } from '../engine/decode/content-type.ts'
import { hopsOf } from '../engine/decode/hops.ts'
import type { Topics } from '../engine/pipeline/topics.ts'
import { eventMessage } from './cloud-event.ts'
import { findingHeaders } from './finding-headers.ts'
import { errorOf, originHeaders, timestampOf, type OriginHeaders } from './origin-headers.ts'
import { rowsText } from './rows-text.ts'

/** A message to be written. Its partition is always set: a producer that chooses one may choose another when it retries. */
export interface OutMessage {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
  readonly timestamp: string // epoch ms
  readonly partition: number
}

export interface Outbound {
  readonly topic: string
  readonly messages: readonly OutMessage[]
}

export interface OutboundOrigin {
  readonly pipeline: string
  readonly baseline: string // digest
  readonly policy: string // digest
  readonly eventPartitions: number // of the events topic
  readonly headerStyle: OriginHeaders
}

/**
 * Everything that a batch leads to, by topic. A message leaves whole and once, by the worst ruling of its rows, with its
 * key, value, timestamp and partition as they were; Taster's headers stand after its own, so that whoever reads the last
 * header of a name reads Taster's, whatever a producer wrote.
 */
export function outboundOf(outcome: Outcome, topics: Topics, origin: OutboundOrigin): Outbound[] {
  const { batch, verdict, events } = outcome
  const { rulings } = verdict
  const to = { pass: [] as OutMessage[], quarantine: [] as OutMessage[], 'dead-letter': [] as OutMessage[] }
  const headersFor = headersOf(outcome, topics, origin)
  let at = 0
  batch.messages.forEach((message, index) => {
    const first = at
    while (rulings[at]?.message === index) at++
    const own = rulings.slice(first, at)
    const worst = worstOf(own)
    const added = headersFor(message, index, worst, own)
    to[worst.decision].push({
      key: message.key,
      value: message.value,
      headers: message.headers.length === 0 ? added : [...message.headers, ...added],
      timestamp: timestampOf(message.timestamp),
      partition: message.at.partition,
    })
  })
  if (at !== rulings.length)
    throw new TasterError(
      'INVARIANT_BROKEN',
      `${rulings.length - at} rulings of a batch belong to none of its messages`,
    )
  return [
    { topic: topics.clean, messages: to.pass },
    { topic: topics.quarantine, messages: to.quarantine },
    { topic: topics.deadLetter, messages: to['dead-letter'] },
    { topic: topics.events, messages: events.map((event) => eventMessage(event, origin.eventPartitions)) },
  ].filter(({ messages }) => messages.length > 0)
}

const severity: { readonly [decision in Decision]: number } = { pass: 0, quarantine: 1, 'dead-letter': 2 }

function worstOf(rulings: readonly Ruling[]): Ruling {
  const [first] = rulings
  if (first === undefined) throw new TasterError('INVARIANT_BROKEN', 'A message of a batch has no ruling')
  return rulings.reduce(
    (worst, ruling) => (severity[ruling.decision] > severity[worst.decision] ? ruling : worst),
    first,
  )
}

type HeadersFor = (message: Message, index: number, worst: Ruling, rulings: readonly Ruling[]) => readonly Header[]

const hopHeader = (hops: number) => textHeader(headers.hop, String(hops))

const mostReason = 500 // characters

/** The headers that Taster adds to messages of a batch. What passes is told nothing that its producer could learn from. */
function headersOf({ batch, verdict }: Outcome, topics: Topics, origin: OutboundOrigin): HeadersFor {
  const id = textHeader('taster-verdict-id', verdict.id)
  const passed = textHeader('taster-verdict', 'pass')
  const passing: (readonly Header[])[] = [] // of what passes, by its hops: all that have as many share theirs
  const findings = findingHeaders(batch, verdict.findings)
  // Where some rows pass only those are held that a finding concerns, and other findings say nothing about them.
  const whole = !verdict.rulings.some(({ decision }) => decision === 'pass')
  const { topic, partition, offset } = batch.messages[0]?.at ?? { topic: topics.input, partition: 0, offset: 0n }
  const judgedBy = [
    textHeader('taster-pipeline', origin.pipeline),
    textHeader('taster-baseline', origin.baseline),
    textHeader('taster-policy', origin.policy),
    textHeader('taster-batch', `${topic}/${partition}/${offset}-${batch.messages.at(-1)?.at.offset ?? offset}`),
  ]
  return (message, index, worst, rulings) => {
    const hops = hopsOf(message.headers) + 1
    if (worst.decision === 'pass') return (passing[hops] ??= [passed, id, hopHeader(hops)])
    const hop = hopHeader(hops)
    const reason = printable(worst.reason, mostReason)
    const concerned = rulings.filter(({ decision }) => decision === worst.decision).map(({ row }) => row)
    const error = errorOf(worst.reason)
    return [
      textHeader('taster-verdict', worst.decision),
      id,
      textHeader('taster-reason', reason),
      ...findings(index, whole && worst.decision === 'quarantine'),
      ...judgedBy,
      ...(rulings.length > 1 ? [textHeader('taster-rows', rowsText(concerned))] : []),
      hop,
      ...originHeaders(origin.headerStyle, message, {
        pipeline: origin.pipeline,
        group: topics.group,
        error,
        message: reason,
      }),
    ]
  }
}
