import { beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { fitBaseline } from '../../src/baseline/fit.ts'
import { attacksFor, loadAttacks } from '../../src/canary/attacks.ts'
import { openCampaign } from '../../src/canary/campaign.ts'
import { openSecret } from '../../src/canary/secret.ts'
import type { Trial } from '../../src/canary/trial.ts'
import type { Delivery, Outcome, Source } from '../../src/core/line.ts'
import type { Message } from '../../src/core/message.ts'
import { defaultLimits } from '../../src/engine/decode/limits.ts'
import { openJudge, type Judge } from '../../src/engine/judge.ts'
import { startLearning } from '../../src/engine/learning.ts'
import { run, type Setup } from '../../src/engine/line.ts'
import { mails, type Made } from './taster.ts'
import { decode } from '../../src/engine/decode.ts'

// The stream is attacked itself for a while, so that alarms come and go under the trials, too.
const size = 40
const setup: Setup = {
  pipeline: 'test',
  fields: { id: 'id', source: 'source', label: 'label', labelRequired: true, content: { kind: 'text', columns: ['text'] } }, // prettier-ignore
  limits: defaultLimits,
  verify: { uniqueIds: true },
  policy: { onFinding: 'quarantine', granularity: 'record' },
  policyDigest: 'policy',
  baselineDigest: 'baseline',
  engine: '0',
}
const budget = { falseAlarms: 1, batches: 1000 }
const never = new AbortController().signal

const messageOf = (mail: Made, row: number): Message => ({
  at: { topic: 'stream', partition: 0, offset: BigInt(row) },
  timestamp: row,
  key: null,
  value: Buffer.from(row % 97 === 5 ? '{"cut' : JSON.stringify(mail)),
  headers: [['content-type', Buffer.from('application/json')]],
})
const flip = (mail: Made): Made => {
  const place = Number(mail.id.slice(1))
  return place > 800 && place < 1400 && mail.source === 'ada' ? { ...mail, label: 'ham' } : mail
}
const messages = mails(2800, 5, flip).map(messageOf)

let baseline: Baseline
beforeAll(async () => {
  const trusted = mails(2000, 1).map((mail, row) => ({ ...messageOf(mail, 0), value: Buffer.from(JSON.stringify(mail)), at: { topic: 't', partition: 0, offset: BigInt(row) } })) // prettier-ignore
  baseline = await fitBaseline({
    records: decode(trusted, setup.fields),
    encoder: { name: 'text-hash', params: {} },
    seed: 1,
    engineVersion: '0',
  })
})

interface Started {
  readonly judge: Judge
  readonly isShadow: boolean
  open: boolean
}

/** Judges the stream, with or without canaries, and gives what was told, what was learnt, and which judges there were. */
async function judged(canaries: { readonly share: number; readonly key: string } | null) {
  const outcomes: Outcome[] = []
  async function* deliveries(): AsyncGenerator<Delivery> {
    for (let at = 0; at < messages.length; at += size)
      yield { messages: messages.slice(at, at + size), commit: async (outcome) => void outcomes.push(outcome) }
  }
  const source: Source = { [Symbol.asyncIterator]: deliveries, close: async () => {} }
  const started: Started[] = []
  let most = 0
  const own = {
    async start(snapshot?: Uint8Array) {
      const judge = await openJudge(baseline, budget, snapshot)
      const one: Started = { judge, isShadow: started.length > 0, open: true }
      started.push(one)
      most = Math.max(most, started.filter(({ open }) => open).length)
      return {
        ...judge,
        async close() {
          one.open = false
          await judge.close()
        },
      }
    },
  }
  const trials: Trial[] = []
  const begun: number[] = []
  const attacks = attacksFor(await loadAttacks(), { content: 'text', labels: true, sources: true })
  const by =
    canaries === null
      ? own
      : openCampaign({
          attacks,
          secret: openSecret(Buffer.from(canaries.key)),
          rate: 0.05,
          batches: 20,
          share: canaries.share,
        })(own, { begun: (batch) => void begun.push(batch), finished: (trial) => void trials.push(trial) })
  const learning = await startLearning(by, setup.verify)
  await run(source, learning, setup, never)
  const learnt = Buffer.from(await learning.snapshot()).toString('base64')
  await learning.judge.close()
  return { outcomes, learnt, trials, begun, started, most }
}

describe('poisons beside a stream', () => {
  let plain: Awaited<ReturnType<typeof judged>>
  let beside: Awaited<ReturnType<typeof judged>>
  beforeAll(async () => {
    plain = await judged(null)
    beside = await judged({ share: 1, key: 'a key of sixteen' })
  })

  it('change nothing that is told of the stream, nor what is learnt from it, to the last bit', () => {
    expect(plain.outcomes.flatMap(({ verdict }) => verdict.findings).length).toBeGreaterThan(5)
    expect(beside.outcomes).toEqual(plain.outcomes)
    expect(beside.learnt).toBe(plain.learnt)
  })

  it('never leave: what is committed is what came', () => {
    const came = new Set(messages.map(({ value }) => value))
    const left = beside.outcomes.flatMap(({ batch }) => batch.messages.map(({ value }) => value))
    expect(left).toHaveLength(messages.length)
    for (const value of left) expect(came.has(value)).toBe(true)
    const content = JSON.stringify(
      beside.outcomes.map(({ batch, events }) => [batch.content, [...batch.label.codes], events]),
    )
    expect(content).toBe(
      JSON.stringify(plain.outcomes.map(({ batch, events }) => [batch.content, [...batch.label.codes], events])),
    )
  })

  it('are tried one after the other, every attack in turn, and their judges end with them', () => {
    expect(beside.trials.length).toBeGreaterThan(6)
    const turns = new Map<string, number>()
    for (const { attack } of beside.trials) turns.set(attack, (turns.get(attack) ?? 0) + 1)
    expect(turns.size).toBe(5)
    expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(2)
    expect(beside.most).toBe(2) // the stream's own and one shadow
    expect(beside.started.filter(({ open }) => open)).toEqual([])
  })

  it('are caught where they flip labels, and told with what it took', () => {
    const flips = beside.trials.filter(({ attack }) => attack.endsWith('flips'))
    expect(flips.filter(({ caught }) => caught).length).toBeGreaterThan(flips.length / 2)
    for (const trial of beside.trials) {
      expect(trial.admitted).toBeLessThanOrEqual(trial.poisons)
      expect(trial.batches).toBeLessThanOrEqual(20)
      expect(trial.records).toBeLessThanOrEqual(trial.batches * size)
      expect(trial.alwaysFire.records).toBeLessThanOrEqual(trial.records)
      expect(trial.caught).toBe(trial.detectors.length > 0)
      expect(trial.caught || trial.batches === 20).toBe(true)
    }
  })

  it('come when the secret says, and as rarely as asked', async () => {
    const again = await judged({ share: 1, key: 'a key of sixteen' })
    expect(again.trials).toEqual(beside.trials)
    const rare = await judged({ share: 0.2, key: 'a key of sixteen' })
    const other = await judged({ share: 0.2, key: 'another of sixteen' })
    expect(rare.begun).not.toEqual(other.begun)
    const shadowed = [...rare.trials, ...other.trials].reduce((sum, { batches }) => sum + batches, 0)
    expect(shadowed).toBeGreaterThan(0)
    expect(shadowed / (2 * rare.outcomes.length)).toBeLessThan(0.45)
    expect(rare.outcomes).toEqual(plain.outcomes)
  })
})
