import { beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { fitBaseline } from '../../src/baseline/fit.ts'
import { column } from '../../src/core/column.ts'
import type { Detector } from '../../src/core/detector.ts'
import type { Delivery, Outcome, Source } from '../../src/core/line.ts'
import type { Message } from '../../src/core/message.ts'
import { defaultLimits } from '../../src/engine/decode/limits.ts'
import { openJudge } from '../../src/engine/judge.ts'
import { startLearning } from '../../src/engine/learning.ts'
import { run, type Setup } from '../../src/engine/line.ts'
import { normal, random } from '../../src/stats/random.ts'

const dims = 4

/** Two clusters, one a label; labels are given at random where `flipped`. */
function point(row: number, flipped: boolean, uniform: () => number) {
  const label = row % 2 === 0 ? 'a' : 'b'
  const centre = label === 'a' ? 3 : -3
  const vector = Array.from({ length: dims }, () => centre + normal(uniform))
  return { label: flipped && uniform() < 0.5 ? (label === 'a' ? 'b' : 'a') : label, vector }
}

function trusted(rows: number) {
  const uniform = random(1)
  const points = Array.from({ length: rows }, (_, row) => point(row, false, uniform))
  return {
    id: points.map((_, row) => String(row)),
    source: column(points.map((_, row) => `s${row % 5}`)),
    label: column(points.map(({ label }) => label)),
    at: new Float64Array(rows).fill(NaN),
    content: {
      kind: 'vector' as const,
      vectors: { rows, cols: dims, data: Float32Array.from(points.flatMap(({ vector }) => vector)) },
    },
  }
}

function messagesOf(rows: number, seed: number, flippedSource: string | null): Message[] {
  const uniform = random(seed)
  return Array.from({ length: rows }, (_, row) => {
    const source = `s${row % 5}`
    const record = { source, ...point(row, source === flippedSource, uniform) }
    return {
      at: { topic: 'stream', partition: 0, offset: BigInt(row) },
      timestamp: row,
      key: null,
      value: new TextEncoder().encode(JSON.stringify(record)),
      headers: [['content-type', new TextEncoder().encode('application/json')]],
    }
  })
}

/** A source in memory that keeps what is committed. */
function memory(messages: readonly Message[], batch: number) {
  const committed: Outcome[] = []
  let closed = false
  async function* deliveries(): AsyncGenerator<Delivery> {
    for (let from = 0; from < messages.length && !closed; from += batch) {
      yield {
        messages: messages.slice(from, from + batch),
        commit: async (outcome) => void committed.push(outcome),
      }
    }
  }
  const source: Source = { [Symbol.asyncIterator]: deliveries, close: async () => void (closed = true) }
  return { source, committed }
}

const setup: Setup = {
  pipeline: 'test',
  fields: { source: 'source', label: 'label', labelRequired: true, content: { kind: 'vector', column: 'vector' } },
  limits: defaultLimits,
  verify: {},
  policy: { onFinding: 'quarantine', granularity: 'batch' },
  policyDigest: 'policy',
  baselineDigest: 'baseline',
  engine: '0',
}
const budget = { falseAlarms: 1, batches: 10_000 }

let baseline: Baseline

const learningBy = (of: Baseline) =>
  startLearning({ start: (snapshot) => openJudge(of, budget, snapshot) }, setup.verify)

async function judged(messages: readonly Message[], of: Baseline = baseline, use: Setup = setup) {
  const { source, committed } = memory(messages, 50)
  const learning = await learningBy(of)
  try {
    await run(source, learning, use, new AbortController().signal)
  } finally {
    await learning.judge.close()
  }
  return committed
}

describe('the line', () => {
  beforeAll(async () => {
    baseline = await fitBaseline({
      records: trusted(1200),
      encoder: { name: 'vector', params: {} },
      seed: 1,
      engineVersion: '0',
    })
  })

  it('rules on every message once, in order, and passes clean batches', async () => {
    const committed = await judged(messagesOf(1000, 2, null))
    expect(committed).toHaveLength(20)
    const offsets = committed.flatMap(({ batch, verdict }) =>
      verdict.rulings.map(({ message }) => batch.messages[message]?.at.offset),
    )
    expect(offsets).toEqual(Array.from({ length: 1000 }, (_, row) => BigInt(row)))
    expect(committed.every(({ verdict }) => verdict.decision === 'pass')).toBe(true)
    expect(committed.flatMap(({ events }) => events)).toEqual([])
  })

  it('stops a source that flips labels, names it, and recalls from the onset', async () => {
    const committed = await judged(messagesOf(1000, 3, 's2'))
    const raised = committed.flatMap(({ verdict }) => verdict.findings.filter((finding) => finding.raised))
    expect(raised.length).toBeGreaterThan(0)
    expect(
      raised.some(({ subject }) =>
        subject.kind === 'source' ? subject.name === 's2' : subject.kind === 'pair' && subject.source === 's2',
      ),
    ).toBe(true)
    const types = new Set(committed.flatMap(({ events }) => events.map(({ type }) => type)))
    expect(types).toContain('taster.batch.quarantined')
    expect(types).toContain('taster.alarm.raised')
    const stopped = committed.find(({ verdict }) => verdict.decision === 'quarantine')
    expect(stopped?.verdict.rulings.every(({ decision, reason }) => decision === 'quarantine' && reason !== '')).toBe(
      true,
    )
  })

  it('holds back only what a finding concerns, where the policy says so', async () => {
    const policy = { onFinding: 'quarantine', granularity: 'record' } as const
    const committed = await judged(messagesOf(1000, 3, 's2'), baseline, { ...setup, policy })
    const held = committed.flatMap(({ batch, verdict }) =>
      verdict.findings.every(({ subject }) => subject.kind === 'source' || subject.kind === 'pair')
        ? verdict.rulings
            .filter(({ decision }) => decision === 'quarantine')
            .map(({ message }) => batch.messages[message]?.at.offset)
        : [],
    )
    expect(held.length).toBeGreaterThan(0)
    expect(held.every((offset) => Number(offset) % 5 === 2)).toBe(true)
  })

  it('comes to the same verdicts, ids and events again', async () => {
    const once = await judged(messagesOf(600, 4, 's1'))
    const again = await judged(messagesOf(600, 4, 's1'))
    expect(again.map(({ verdict }) => verdict)).toEqual(once.map(({ verdict }) => verdict))
    expect(again.map(({ events }) => events)).toEqual(once.map(({ events }) => events))
    expect(new Set(once.map(({ verdict }) => verdict.id)).size).toBe(12)
    const ids = once.flatMap(({ events }) => events.map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('diverts what cannot be decoded, and judges the rest', async () => {
    const messages = messagesOf(100, 5, null)
    const broken = messages.map((message, i) =>
      i === 7 ? { ...message, value: new Uint8Array([0xff, 0xfe]) } : message,
    )
    const [first] = await judged(broken)
    expect(first?.verdict.rulings[7]).toMatchObject({ message: 7, decision: 'dead-letter' })
    expect(first?.verdict.rulings.filter(({ decision }) => decision === 'pass')).toHaveLength(49)
    expect(first?.events.map(({ type }) => type)).toEqual(['taster.record.dead-lettered'])
  })

  it('never passes a batch that a detector failed on, and gives up after five in a row', async () => {
    const [fitted] = baseline.detectors
    if (fitted === undefined) throw new Error('no detector')
    const failing: Detector = {
      ...fitted.detector,
      measure() {
        throw new Error('broke')
      },
    }
    const broken = { ...baseline, detectors: [{ ...fitted, detector: failing }, ...baseline.detectors.slice(1)] }
    const { source, committed } = memory(messagesOf(1000, 2, null), 50)
    const learning = await learningBy(broken)
    const observing = { ...setup, policy: { onFinding: 'observe', granularity: 'record' } as const }
    await expect(run(source, learning, observing, new AbortController().signal)).rejects.toMatchObject({
      code: 'DETECTOR_FAILED',
    })
    expect(committed).toHaveLength(5)
    expect(committed.every(({ verdict }) => verdict.rulings.every(({ decision }) => decision === 'quarantine'))).toBe(
      true,
    )
    expect(committed[0]?.events.map(({ type }) => type)).toContain('taster.detector.degraded')
    await learning.judge.close()
  })

  it('diverts vectors of another length wherever they stand, and judges the rest', async () => {
    const messages = messagesOf(100, 5, null)
    const short = new TextEncoder().encode(JSON.stringify({ source: 's0', label: 'a', vector: [1, 2] }))
    const odd = messages.map((message, i) => (i % 50 === 0 ? { ...message, value: short } : message))
    const content = { kind: 'vector', column: 'vector', dims } as const
    const committed = await judged(odd, baseline, { ...setup, fields: { ...setup.fields, content } })
    expect(committed.map(({ verdict }) => verdict.rulings[0])).toMatchObject([
      { decision: 'dead-letter' },
      { decision: 'dead-letter' },
    ])
    expect(
      committed.flatMap(({ verdict }) => verdict.rulings).filter(({ decision }) => decision === 'pass'),
    ).toHaveLength(98)
  })

  it('stops a batch that cannot be encoded, and goes on', async () => {
    const messages = messagesOf(100, 5, null)
    const short = new TextEncoder().encode(JSON.stringify({ source: 's0', label: 'a', vector: [1, 2] }))
    // nothing says how long vectors are, so the first one of a batch does
    const committed = await judged(messages.map((message, i) => (i < 50 ? { ...message, value: short } : message)))
    expect(committed.map(({ verdict }) => verdict.decision)).toEqual(['quarantine', 'pass'])
  })

  it('finishes the batches that it has taken in when told to stop', async () => {
    const { source, committed } = memory(messagesOf(1000, 2, null), 50)
    const stop = new AbortController()
    const learning = await learningBy(baseline)
    await run(source, learning, setup, stop.signal, { watch: () => stop.abort() })
    expect(committed).toHaveLength(2)
    await learning.judge.close()
  })

  it('does not let the stream change the baseline', async () => {
    const before = JSON.stringify(baseline.manifest)
    await judged(messagesOf(500, 6, 's0'))
    const again = await fitBaseline({
      records: trusted(1200),
      encoder: { name: 'vector', params: {} },
      seed: 1,
      engineVersion: '0',
    })
    expect(JSON.stringify(baseline.manifest)).toBe(before)
    expect(again.digest).toBe(baseline.digest)
  })
})
