import { describe, expect, it } from 'vitest'
import type { Baseline } from '../../../src/baseline/baseline.ts'
import { column } from '../../../src/core/column.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import type { Measurement, Subject } from '../../../src/core/measurement.ts'
import { openWeigher } from '../../../src/engine/weigh.ts'
import { random } from '../../../src/stats/random.ts'
import { probe as detector } from './probe.ts'

const ascending = (n: number) => Float64Array.from({ length: n }, (_, i) => (i + 1) / (n + 1))

/** A baseline that has only what weighing reads. */
function baseline(names: readonly string[], scores: readonly Float64Array[]): Baseline {
  return {
    digest: 'sha256:0',
    manifest: {} as Baseline['manifest'],
    sources: ['known'],
    encoding: { labels: ['ham', 'spam'] } as unknown as Baseline['encoding'],
    detectors: names.map((name) => ({ name, detector, fitted: null, calibration: { scores, nulls: new Map() } })),
  }
}

function encoded(sources: readonly string[]): Encoded {
  return {
    records: {
      id: sources.map((_, i) => String(i)),
      source: column(sources),
      label: column(sources.map(() => 'ham')),
      at: new Float64Array(sources.length),
      content: { kind: 'text', text: sources.map(() => '') },
    },
    vectors: { rows: sources.length, cols: 0, data: new Float32Array() },
    features: { offsets: new Int32Array(sources.length + 1), ids: new Uint32Array() },
    nameOf: () => '',
    labels: ['ham', 'spam'],
    label: new Int32Array(sources.length),
    probabilities: { rows: sources.length, cols: 2, data: new Float64Array(sources.length * 2) },
    nearest: new Int32Array(),
  }
}

const at = (offset: number) => ({ topic: 't', partition: 0, offset: BigInt(offset) })
const budget = { falseAlarms: 1, batches: 10_000 }
const one = encoded(['known'])
const increment = (subject: Subject, ...logE: number[]): Measurement => ({
  kind: 'increment',
  subject,
  logE: Float64Array.from(logE),
  records: 10,
})
const measured = (...measurements: Measurement[]) => new Map([['probe', measurements]])
const known: Subject = { kind: 'source', name: 'known' }

describe('weighing', () => {
  it('raises once the evidence, times its share, reaches the run length, and names the onset', () => {
    const weigher = openWeigher(baseline(['probe'], []), budget)
    expect(weigher.weigh(one, measured(increment(known, 5)), at(0)).alarms).toEqual([])
    expect(weigher.weigh(one, measured(increment(known, 5)), at(1)).alarms).toEqual([])
    const { alarms } = weigher.weigh(one, measured(increment(known, 5)), at(2))
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toMatchObject({ subject: known, raised: true, onset: at(0), records: 30 })
    expect(alarms[0]?.logE).toBeGreaterThanOrEqual(Math.log(10_000))
  })

  it('lets an alarm about a source last until its clean records clear it', () => {
    const weigher = openWeigher(baseline(['probe'], []), budget)
    expect(weigher.weigh(one, measured(increment(known, 40)), at(0)).alarms[0]?.raised).toBe(true)
    const lasting = weigher.weigh(one, measured(), at(1))
    expect(lasting.alarms).toMatchObject([{ subject: known, raised: false }])
    let batches = 2
    for (; batches < 100; batches++) {
      const { cleared } = weigher.weigh(one, measured(increment(known, -1)), at(batches))
      if (cleared.length > 0) break
    }
    // the evidence was capped where it alarmed, so it clears in bounded time
    expect(batches).toBeLessThan(20)
    expect(weigher.weigh(one, measured(increment(known, 0)), at(100)).alarms).toEqual([])
  })

  it('holds back what feeds an alarm about the whole stream while it lasts, and nothing else', () => {
    const weigher = openWeigher(baseline(['probe'], []), budget)
    const stream: Subject = { kind: 'stream' }
    expect(weigher.weigh(one, measured(increment(stream, 40)), at(0)).alarms).toMatchObject([{ raised: true }])
    expect(weigher.weigh(one, measured(increment(stream, 1)), at(1)).alarms).toMatchObject([{ raised: false }])
    expect(weigher.weigh(one, measured(increment(stream, -1)), at(2)).alarms).toEqual([])
    expect(weigher.weigh(one, measured(), at(3)).alarms).toEqual([])
    expect(weigher.weigh(one, measured(increment(stream, -20)), at(4)).cleared).toEqual([
      { detector: 'probe', subject: stream },
    ])
  })

  it('adds up the evidence of several subjects', () => {
    const weigher = openWeigher(baseline(['p', 'q'], []), budget)
    // each contributes .6 of the run length: detector share .5, stream share .4
    const level = Math.log((0.6 * 10_000) / 0.2)
    const each = [increment({ kind: 'stream' }, level)]
    expect(weigher.weigh(one, new Map([['p', each]]), at(0)).alarms).toEqual([])
    const both = openWeigher(baseline(['p', 'q'], []), budget)
    const { alarms } = both.weigh(one, new Map([['p', each], ['q', each]]), at(0)) // prettier-ignore
    expect(alarms.map(({ detector: name }) => name).toSorted()).toEqual(['p', 'q'])
  })

  it('takes the level of a detector that keeps its own evidence, and silence as its end', () => {
    const weigher = openWeigher(baseline(['probe'], []), budget)
    const subject: Subject = { kind: 'feature', feature: 7, label: 'ham' }
    const level: Measurement = { kind: 'level', subject, logE: 12, records: 40 }
    expect(weigher.weigh(one, measured(level), at(0)).alarms).toMatchObject([{ subject, raised: true }])
    expect(weigher.weigh(one, measured(level), at(1)).alarms).toMatchObject([{ subject, raised: false }])
    expect(weigher.weigh(one, measured(), at(2))).toMatchObject({ alarms: [], cleared: [{ subject }] })
  })

  it('passes on what could not be tested yet', () => {
    const weigher = openWeigher(baseline(['probe'], []), budget)
    const waiting: Measurement = {
      kind: 'insufficient',
      subject: { kind: 'label', name: 'ham' },
      records: 12,
      needed: 200,
    }
    expect(weigher.weigh(one, measured(waiting), at(0)).insufficient).toEqual([
      { detector: 'probe', subject: waiting.subject, records: 12, needed: 200 },
    ])
  })

  it('sees a source whose scores sit in the tail, and keeps the run length on clean scores', () => {
    const calibration = [ascending(1000), ascending(1000)]
    const names = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 'known' : `new-${i % 10}`))
    const batch = encoded(names)
    const stream = (seed: number, poisoned: (row: number) => boolean, batches: number) => {
      const uniform = random(seed)
      const weigher = openWeigher(baseline(['probe'], calibration), { falseAlarms: 1, batches: 100 })
      let alarms = 0
      for (let b = 0; b < batches; b++) {
        const scores = Float64Array.from(names, (_, row) => (poisoned(row) ? 0.9995 : uniform()))
        alarms += weigher
          .weigh(batch, measured({ kind: 'scores', scores }), at(b))
          .alarms.filter((a) => a.raised).length
      }
      return alarms
    }
    let alarms = 0
    for (let seed = 0; seed < 20; seed++) alarms += stream(seed, () => false, 250)
    // 5,000 clean batches at a budget of 1 in 100: 50 would be its rate, 65 its upper 99 % quantile
    expect(alarms).toBeLessThanOrEqual(65)
    expect(stream(99, (row) => row % 10 === 1, 3)).toBeGreaterThan(0)
  })
})
