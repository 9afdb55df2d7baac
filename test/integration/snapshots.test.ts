import { beforeAll, describe, expect, it } from 'vitest'
import { attacked, attacks, mailByDay } from '../../demo/scenario.ts'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { fitBaseline } from '../../src/baseline/fit.ts'
import type { Delivery, Outcome, Source } from '../../src/core/line.ts'
import type { Message } from '../../src/core/message.ts'
import { decode } from '../../src/engine/decode.ts'
import { defaultLimits } from '../../src/engine/decode/limits.ts'
import { openJudge } from '../../src/engine/judge.ts'
import { startLearning, type Learning } from '../../src/engine/learning.ts'
import { run, type Setup } from '../../src/engine/line.ts'
import { random } from '../../src/stats/random.ts'

// Real mail with three attacks, judged once from start to end, and again by a line that is stopped all the time.
const setup: Setup = {
  pipeline: 'mail',
  fields: { id: 'id', source: 'source', time: 'ts', label: 'label', labelRequired: true, content: { kind: 'text', columns: ['subject', 'text'] } }, // prettier-ignore
  limits: defaultLimits,
  verify: { uniqueIds: true },
  policy: { onFinding: 'quarantine', granularity: 'record' },
  policyDigest: 'policy',
  baselineDigest: 'baseline',
  engine: '0',
}
const budget = { falseAlarms: 1, batches: 10_000 }
const size = 25

let baseline: Baseline
let batches: Message[][]

const messageOf = (line: string, row: number): Message => ({
  at: { topic: 'mail', partition: 0, offset: BigInt(row) },
  timestamp: row,
  key: null,
  value: Buffer.from(line),
  headers: [['content-type', Buffer.from('application/json')]],
})

const learn = (snapshot?: Uint8Array): Promise<Learning> =>
  startLearning(
    { start: (before) => openJudge(baseline, budget, before) },
    setup.verify,
    snapshot === undefined ? {} : { snapshot },
  )

function sourceOf(
  messages: readonly (readonly Message[])[],
  wanted: ReadonlySet<number>,
): Source & { outcomes: Outcome[] } {
  const outcomes: Outcome[] = []
  async function* deliveries(): AsyncGenerator<Delivery> {
    for (const [i, each] of messages.entries())
      yield { messages: each, wantsSnapshot: wanted.has(i), commit: async (outcome) => void outcomes.push(outcome) }
  }
  return { outcomes, [Symbol.asyncIterator]: deliveries, close: async () => {} }
}

const told = ({ verdict, events, repeatedIds }: Outcome) => ({ verdict, events, repeatedIds })
const never = new AbortController().signal

describe('a line over attacked mail', () => {
  beforeAll(async () => {
    const mail = await mailByDay()
    const trusted = decode(mail.trusted.map(messageOf), setup.fields)
    baseline = await fitBaseline({
      records: trusted,
      encoder: { name: 'text-glove', params: {} },
      seed: 1,
      engineVersion: '0',
    })
    const { lines } = attacked(mail.stream, mail.lines, [...attacks.keys()], null, 1)
    const messages = lines.map(messageOf)
    batches = Array.from({ length: Math.ceil(messages.length / size) }, (_, i) =>
      messages.slice(i * size, (i + 1) * size),
    )
  })

  it('judges to the last bit as if it had not been stopped 30 times', async () => {
    const straight = sourceOf(batches, new Set())
    const unbroken = await learn()
    await run(straight, unbroken, setup, never)

    const uniform = random(7)
    const stops = [...new Set(Array.from({ length: 30 }, () => Math.floor(uniform() * batches.length)))].toSorted(
      (a, b) => a - b,
    )
    const outcomes: Outcome[] = []
    let snapshot: Uint8Array | undefined
    let from = 0
    for (const to of [...stops, batches.length]) {
      const learning = await learn(snapshot)
      const part = sourceOf(batches.slice(from, to), new Set([to - from - 1]))
      await run(part, learning, setup, never)
      snapshot = part.outcomes.at(-1)?.snapshot ?? snapshot
      outcomes.push(...part.outcomes)
      await learning.judge.close()
      from = to
    }
    expect(outcomes.map(told)).toStrictEqual(straight.outcomes.map(told))
    expect(snapshot === undefined ? null : Buffer.compare(snapshot, await unbroken.snapshot())).toBe(0)
    await unbroken.judge.close()
    const detectors = straight.outcomes.flatMap(({ verdict }) => verdict.findings.map(({ detector }) => detector))
    expect(new Set(detectors).size).toBeGreaterThanOrEqual(3)
    expect(batches.length).toBeGreaterThan(100)
  })
})
