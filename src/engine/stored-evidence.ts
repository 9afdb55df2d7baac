import { concatenated } from '../core/concatenated.ts'
import { z } from 'zod'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import type { Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import { newcomers, type Appeared, type Arrivals } from './budget.ts'
import type { Entry, LedgerState } from './evidence.ts'
import type { WeigherState } from './weigh.ts'

const kinds = ['stream', 'source', 'label', 'pair', 'feature'] as const
const keepers = ['engine', 'detector'] as const

/**
 * A weigher's state, column by column. Names and positions are stored once each, numbers as they are, so that all of it
 * comes back to the bit and in the order in which it was learnt.
 */
export function encodeEvidence({ ledger, arrivals }: WeigherState): Uint8Array {
  const { entries } = ledger
  const [detectors, names] = [numbered<string>(), numbered<string>()]
  const [topics, positions] = [numbered<string>(), numbered<string>()]
  const offsets: bigint[] = []
  const sinceOf = (since: Position | null) => {
    if (since === null) return -1
    const { topic, partition, offset } = since
    const place = positions.of(`${topics.of(JSON.stringify([topic, partition]))} ${offset}`)
    if (place === offsets.length) offsets.push(offset)
    return place
  }
  const all = entries.map(({ evidence }) => evidence)
  const columns = {
    detector: Uint16Array.from(entries, ({ detector }) => detectors.of(detector)),
    kind: Uint8Array.from(all, ({ subject }) => kinds.indexOf(subject.kind)),
    name: Uint32Array.from(all.flatMap(({ subject }) => namesOf(subject).map((name) => names.of(name)))),
    feature: Float64Array.from(all.flatMap(({ subject }) => (subject.kind === 'feature' ? [subject.feature] : []))),
    bets: Uint16Array.from(all, ({ logE }) => logE.length),
    logE: concatenated(all.map(({ logE }) => logE)),
    since: Int32Array.from(all, ({ since }) => sinceOf(since)),
    records: Float64Array.from(all, ({ records }) => records),
    keeper: Uint8Array.from(all, ({ keeper }) => keepers.indexOf(keeper)),
    active: Uint32Array.from(ledger.active),
  }
  const place = positions.all().map((key) => Number(key.slice(0, key.indexOf(' '))))
  return pack({
    json: {
      detectors: detectors.all(),
      names: names.all(),
      topics: topics.all().map((topic): unknown => JSON.parse(topic)),
      appeared: Object.fromEntries(newcomers.map((kind) => [kind, arrivals[kind].count])),
    },
    arrays: {
      ...columns,
      topicOf: Uint32Array.from(place),
      offset: new Uint32Array(BigInt64Array.from(offsets).buffer),
      ...Object.fromEntries(newcomers.map((kind) => [kind, arrivals[kind].first])),
    },
  })
}

const count = z.int().min(0)
const header = z.strictObject({
  detectors: z.array(z.string()),
  names: z.array(z.string()),
  topics: z.array(z.tuple([z.string(), z.int()])),
  appeared: z.strictObject({ sources: count, labels: count, features: count }),
})

/** The inverse of `encodeEvidence`. Throws on anything that it did not make. */
export function decodeEvidence(bytes: Uint8Array): WeigherState {
  const unpacked = unpack(bytes)
  const { detectors, names, topics, appeared } = header.parse(unpacked.json)
  const kind = arrayOf(unpacked, 'kind', 'Uint8Array')
  const column = <T extends 'Uint8Array' | 'Uint16Array' | 'Int32Array' | 'Float64Array'>(name: string, type: T) =>
    arrayOf(unpacked, name, type, kind.length)
  const [detector, bets, since] = [column('detector', 'Uint16Array'), column('bets', 'Uint16Array'), column('since', 'Int32Array')] // prettier-ignore
  const [records, keeper] = [column('records', 'Float64Array'), column('keeper', 'Uint8Array')]
  const logE = arrayOf(unpacked, 'logE', 'Float64Array', sum(bets))
  const active = arrayOf(unpacked, 'active', 'Uint32Array')
  const positions = positionsFrom(
    topics,
    arrayOf(unpacked, 'topicOf', 'Uint32Array'),
    arrayOf(unpacked, 'offset', 'Uint32Array'),
  )
  const nextName = inTurn(arrayOf(unpacked, 'name', 'Uint32Array'), (code) => must(names[code]))
  const nextFeature = inTurn(arrayOf(unpacked, 'feature', 'Float64Array'), (feature) => feature)
  const activeEntries = new Set(active)

  let at = 0
  const entries = Array.from(kind, (code, i): Entry => {
    const from = at
    at += bets[i] ?? 0
    const evidence = {
      subject: subjectFrom(must(kinds[code]), nextName, nextFeature),
      logE: logE.slice(from, at),
      since: since[i] === -1 ? null : must(positions[since[i] ?? 0]),
      records: records[i] ?? 0,
      active: activeEntries.has(i),
      keeper: must(keepers[keeper[i] ?? 0]),
    }
    return { detector: must(detectors[detector[i] ?? 0]), evidence }
  })
  const arrived = (of: keyof Arrivals): Appeared => ({
    count: appeared[of],
    first: arrayOf(unpacked, of, 'Float64Array'),
  })
  const ledger: LedgerState = { entries, active: [...active] }
  return {
    ledger,
    arrivals: { sources: arrived('sources'), labels: arrived('labels'), features: arrived('features') },
  }
}

function namesOf(subject: Subject): string[] {
  switch (subject.kind) {
    case 'stream':
      return []
    case 'source':
    case 'label':
      return [subject.name]
    case 'pair':
      return [subject.source, subject.from, subject.to]
    case 'feature':
      return [subject.label]
  }
}

function subjectFrom(kind: Subject['kind'], name: () => string, feature: () => number): Subject {
  switch (kind) {
    case 'stream':
      return { kind }
    case 'source':
    case 'label':
      return { kind, name: name() }
    case 'pair':
      return { kind, source: name(), from: name(), to: name() }
    case 'feature':
      return { kind, feature: feature(), label: name() }
  }
}

function positionsFrom(
  topics: readonly (readonly [topic: string, partition: number])[],
  topicOf: Uint32Array,
  offset: Uint32Array,
): Position[] {
  const offsets = new BigInt64Array(offset.buffer)
  return Array.from(topicOf, (of, i) => {
    const [topic, partition] = must(topics[of])
    return { topic, partition, offset: must(offsets[i]) }
  })
}

/** Numbers distinct values from 0 in the order in which they are met. */
function numbered<T>() {
  const numbers = new Map<T, number>()
  return {
    of(value: T): number {
      let number = numbers.get(value)
      if (number === undefined) numbers.set(value, (number = numbers.size))
      return number
    },
    all: () => [...numbers.keys()],
  }
}

/** Reads an array from its start to its end, one value a call. */
function inTurn<N extends number, T>(values: ArrayLike<N>, read: (value: N) => T): () => T {
  let at = 0
  return () => read(must(values[at++]))
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('a column names what is not there')
  return value
}

const sum = (of: Uint16Array) => of.reduce((total, each) => total + each, 0)
