import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { column } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import type { Measurement, Subject } from '../../src/core/measurement.ts'
import { ledger, type Evidence } from '../../src/engine/evidence.ts'
import { decodeEvidence, encodeEvidence } from '../../src/engine/stored-evidence.ts'
import { openWeigher } from '../../src/engine/weigh.ts'
import { probe as detector } from '../unit/engine/probe.ts'

const detectors = ['one', 'two'] as const
const baseline: Baseline = {
  digest: 'sha256:0',
  manifest: {} as Baseline['manifest'],
  sources: ['known'],
  encoding: { labels: ['ham', 'spam'] } as unknown as Baseline['encoding'],
  detectors: detectors.map((name) => ({ name, detector, fitted: null, calibration: { scores: [], nulls: new Map() } })),
}
const nothing: Encoded = {
  records: {
    id: [],
    source: column([]),
    label: column([]),
    at: new Float64Array(),
    content: { kind: 'text', text: [] },
  },
  vectors: { rows: 0, cols: 0, data: new Float32Array() },
  features: { offsets: new Int32Array(1), ids: new Uint32Array() },
  nameOf: () => '',
  labels: ['ham', 'spam'],
  label: new Int32Array(),
  probabilities: { rows: 0, cols: 2, data: new Float64Array() },
  nearest: new Int32Array(),
}

const name = fc.constantFrom(
  'known',
  '',
  'a',
  'b',
  '__proto__',
  'constructor',
  '\ud800',
  'é "\n',
  'ham',
  'x'.repeat(999),
)
const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.constant<Subject>({ kind: 'stream' }),
  name.map((each): Subject => ({ kind: 'source', name: each })),
  name.map((each): Subject => ({ kind: 'label', name: each })),
  fc.tuple(name, name).map(([source, to]): Subject => ({ kind: 'pair', source, from: 'ham', to })),
  fc.nat(2 ** 32 - 1).map((feature): Subject => ({ kind: 'feature', feature: feature % 5, label: 'ham' })),
)
const logE = fc.oneof(fc.double({ min: -3, max: 30, noNaN: true }), fc.constantFrom(0, -0, -Infinity, 700, 5e-324))
const measurement: fc.Arbitrary<Measurement> = fc.oneof(
  fc
    .record({ subject, logE: fc.tuple(logE, logE), records: fc.nat(99) })
    .map((each): Measurement => ({ ...each, kind: 'increment', logE: Float64Array.from(each.logE) })),
  fc.record({ subject, logE, records: fc.nat(99) }).map((each): Measurement => ({ ...each, kind: 'level' })),
)
const batch = fc.record({
  measured: fc.tuple(...detectors.map(() => fc.option(fc.array(measurement, { maxLength: 5 })))),
  topic: fc.constantFrom('mail', 'a/file "x".csv'),
  partition: fc.nat(3),
  offset: fc.bigInt(-1n, 2n ** 63n - 1n),
})

describe('stored evidence', () => {
  it('weighs on as if it had never been stored, after any batch', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 30 }), (batches) => {
        const budget = { falseAlarms: 1, batches: 100 }
        const straight = openWeigher(baseline, budget)
        let stored = encodeEvidence(straight.state())
        for (const { measured, ...at } of batches) {
          const given = new Map(
            detectors.flatMap((each, i) => {
              const measurements = measured[i]
              return measurements == null ? [] : [[each, unique(measurements)] as const]
            }),
          )
          const again = openWeigher(baseline, budget, decodeEvidence(stored))
          expect(again.weigh(nothing, given, at)).toStrictEqual(straight.weigh(nothing, given, at))
          stored = encodeEvidence(again.state())
          expect(Buffer.compare(stored, encodeEvidence(straight.state()))).toBe(0)
        }
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  it('forgets what it would have forgotten', () => {
    const step = fc.record({ subject: fc.nat(60), level: fc.nat(5), active: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 200 }), (steps) => {
        const capacity = 20
        const straight = ledger(capacity)
        let again = ledger(capacity)
        for (const { subject: number, level, active } of steps) {
          const about: Subject = { kind: 'source', name: `s${number}` }
          const evidence: Evidence = {
            subject: about,
            logE: Float64Array.of(level),
            since: null,
            records: 1,
            active: active && number < 3,
            keeper: 'engine',
          }
          straight.set('one', about, evidence)
          again.set('one', about, evidence)
          again = ledger(capacity, again.state())
          expect(again.state()).toStrictEqual(straight.state())
          expect(again.active()).toStrictEqual(straight.active())
          expect(straight.state().entries.length).toBeLessThanOrEqual(capacity)
        }
      }),
      { seed: 4, numRuns: 100 },
    )
  })

  it('gives each newcomer the share that it would have had', () => {
    const weigher = openWeigher(baseline, { falseAlarms: 1, batches: 100 })
    const arrive = (of: typeof weigher, source: string) => {
      const increment = { kind: 'increment', subject: { kind: 'source', name: source }, logE: Float64Array.of(300), records: 1 } as const // prettier-ignore
      return of.weigh(nothing, new Map([['one', [increment]]]), { topic: 't', partition: 0, offset: 0n }).alarms[0]
        ?.logE
    }
    for (let i = 0; i < 1000; i++) arrive(weigher, `source ${i}`)
    const again = openWeigher(
      baseline,
      { falseAlarms: 1, batches: 100 },
      decodeEvidence(encodeEvidence(weigher.state())),
    )
    expect(arrive(again, 'source 1000')).toBe(arrive(weigher, 'source 1000'))
    expect(arrive(again, 'another')).not.toBe(arrive(weigher, 'source 7'))
  })
})

/** A detector says one thing about a subject in a batch. */
function unique(measurements: readonly Measurement[]): Measurement[] {
  return [
    ...new Map(measurements.map((each) => [JSON.stringify('subject' in each ? each.subject : null), each])).values(),
  ]
}
