import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadDetectors } from '../../src/baseline/registry.ts'
import { pack } from '../../src/core/codec.ts'
import type { Detector, Measured } from '../../src/core/detector.ts'
import { selectEncoded, type Encoded } from '../../src/core/encoded.ts'
import { subjectKey, type Measurement, type Subject } from '../../src/core/measurement.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { referenceRows, synthetic } from './synthetic.ts'

// What every file of detectors/ keeps to, whoever wrote it.
const detectors = await loadDetectors()
const largestMemory = 32 * 2 ** 20 // bytes
/** Detectors that count the records between one and the next: to them the order of a batch is part of what arrived. */
const ordered = new Set(['duplicate-flood'])
const seed = 7

const reference = synthetic({ rows: referenceRows, seed: 1 })
const batches: readonly (readonly [string, Encoded])[] = [
  ['an ordinary batch', synthetic({ rows: 300, seed: 2 })],
  ['a poisoned batch', synthetic({ rows: 300, seed: 3, flips: 0.3, copies: 0.5, novel: 0.2 })],
  ['constant records', synthetic({ rows: 120, seed: 4, constant: true })],
  ['a single record', synthetic({ rows: 1, seed: 5 })],
  ['records without labels', synthetic({ rows: 100, seed: 6, unlabeled: true })],
  ['records without sources', synthetic({ rows: 100, seed: 7, sources: 0 })],
  ['10,000 records', synthetic({ rows: 10_000, seed: 8 })],
  ['no records', synthetic({ rows: 0, seed: 9 })],
]
const ordinary = synthetic({ rows: 300, seed: 10 })
const poisoned = synthetic({ rows: 300, seed: 11, flips: 0.3, copies: 0.5, novel: 0.2 })

describe.each([...detectors])('%s', (name, detector) => {
  let fitted: unknown
  beforeAll(() => {
    fitted = fit(detector)
  })
  const measure = (batch: Encoded, memory: unknown = detector.memory.empty()) => detector.measure(batch, fitted, memory)
  /** What a memory is good for: what it makes of records that come after. The memory itself is consumed. */
  const seenWith = (memory: unknown) => sorted(measure(poisoned, memory).measurements)
  const remembered = (...parts: Encoded[]) =>
    parts.reduce((memory: unknown, batch) => measure(batch, memory).memory, detector.memory.empty())
  const copy = (memory: unknown) => detector.memory.codec.decode(detector.memory.codec.encode(memory))

  it('says what it is, what it needs and what it misses', () => {
    const { about, needs } = detector
    for (const text of [about.title, about.catches, about.misses]) expect(text.length).toBeGreaterThan(10)
    expect(about.references.length).toBeGreaterThan(0)
    expect(needs.content.length).toBeGreaterThan(0)
    expect(needs.trustedPerLabel).toBeGreaterThanOrEqual(0)
    if (detector.resample !== null) {
      expect([...detector.resample.sizes]).toEqual([...detector.resample.sizes].toSorted((a, b) => a - b))
    }
    for (const claim of detector.proof) expect(claim.atLeast).toBeGreaterThan(0)
  })

  it('has a default and a description for every parameter, and knows no other', () => {
    const defaults = detector.params.parse({})
    const schema = z.toJSONSchema(detector.params, { io: 'input' })
    expect(schema.additionalProperties).toBe(false)
    expect(Object.keys(schema.properties ?? {}).toSorted()).toEqual(Object.keys(defaults as object).toSorted())
    for (const property of Object.values(schema.properties ?? {})) {
      expect(property).toMatchObject({ description: expect.stringMatching(/.{10}/) as string })
      expect(property).toHaveProperty('default')
    }
    expect(() => detector.params.parse({ 'no such parameter': 1 })).toThrow(/no such parameter/)
  })

  it('refuses, with a reason, trusted records that cannot feed it', () => {
    const few = synthetic({ rows: 0, seed: 12 })
    expect(() => detector.fit(few, detector.params.parse({}), seed)).toThrow(/./)
  })

  it('is deterministic', () => {
    expectBytes(detector.codec.encode(fit(detector)), detector.codec.encode(fit(detector)))
    for (const [, batch] of batches) {
      const [one, other] = [measure(batch), measure(batch)]
      expect(one.measurements).toEqual(other.measurements)
      expectBytes(detector.memory.codec.encode(one.memory), detector.memory.codec.encode(other.memory))
    }
  })

  it('leaves its inputs as they were', () => {
    const trusted = guarded(synthetic({ rows: referenceRows, seed: 1 }))
    const batch = guarded(synthetic({ rows: 300, seed: 11, flips: 0.3, copies: 0.5, novel: 0.2 }))
    const own = detector.fit(trusted.encoded, frozen(detector.params.parse({})), seed)
    const before = detector.codec.encode(own)
    const { memory, measurements } = detector.measure(batch.encoded, frozen(own), detector.memory.empty())
    for (const subject of subjectsOf(measurements)) detector.explain(subject, batch.encoded, own, memory)
    trusted.assertUntouched()
    batch.assertUntouched()
    expectBytes(detector.codec.encode(own), before)
  })

  it.each(batches)('measures finite numbers about %s', (_name, batch) => {
    const { measurements } = measure(batch)
    for (const measurement of measurements) assertFinite(measurement, batch)
    const keys = measurements.flatMap((each) => (each.kind === 'scores' ? [] : [subjectKey(each.subject)]))
    expect(new Set(keys).size).toBe(keys.length)
    if (batch.label.length === 0) expect(measurements.filter(({ kind }) => kind !== 'scores')).toEqual([])
  })

  it('measures the same whatever the order of a batch', () => {
    for (const [, batch] of ordered.has(name) ? batches.filter(([what]) => what === 'constant records') : batches) {
      const order = permutation(batch.label.length, random(seed))
      const straight = measure(batch).measurements
      const shuffled = measure(selectEncoded(batch, order)).measurements
      expectEqual(sorted(shuffled), sorted(straight.map((each) => permuted(each, order))))
    }
  })

  it('brings what it learnt back from bytes', () => {
    const again = detector.codec.decode(detector.codec.encode(fitted))
    expectBytes(detector.codec.encode(again), detector.codec.encode(fitted))
    for (const [, batch] of batches) {
      const { measurements } = detector.measure(batch, again, detector.memory.empty())
      expect(measurements).toEqual(measure(batch).measurements)
    }
  })

  it('brings its memory back from bytes', () => {
    const bytes = detector.memory.codec.encode(remembered(ordinary, poisoned))
    expectBytes(detector.memory.codec.encode(detector.memory.codec.decode(bytes)), bytes)
    const kept = measure(poisoned, remembered(ordinary, poisoned))
    const restored = measure(poisoned, detector.memory.codec.decode(bytes))
    expect(restored.measurements).toEqual(kept.measurements)
    expectBytes(detector.memory.codec.encode(restored.memory), detector.memory.codec.encode(kept.memory))
  })

  it('refuses bytes that it did not make', () => {
    const garbage = [new Uint8Array(), new Uint8Array(64), new TextEncoder().encode('{"not": "this"}'), noise(256)]
    const foreign = pack({ json: { not: 'this' }, arrays: { neither: Float64Array.of(1) } })
    for (const codec of [detector.codec, detector.memory.codec]) {
      for (const bytes of [...garbage, foreign]) expect(() => codec.decode(bytes)).toThrow()
    }
    const whole = detector.codec.encode(fitted)
    for (const end of [8, whole.length >> 1, whole.length - 8]) {
      expect(() => detector.codec.decode(whole.subarray(0, end))).toThrow()
    }
  })

  it('merges memories in any order, and nothing with an empty one', () => {
    const parts = [30, 31, 32].map((each) => synthetic({ rows: 200, seed: each, flips: 0.1, copies: 0.2, novel: 0.01 }))
    const [a, b, c] = parts.map((part) => detector.memory.codec.encode(remembered(part)))
    const of = (bytes: Uint8Array | undefined) => detector.memory.codec.decode(bytes ?? new Uint8Array())
    const { merge, empty } = detector.memory
    const left = seenWith(merge(merge(of(a), of(b)), of(c)))
    expectEqual(seenWith(merge(of(a), merge(of(b), of(c)))), left)
    expectEqual(seenWith(merge(of(c), merge(of(b), of(a)))), left)
    expectEqual(seenWith(merge(of(a), empty())), seenWith(of(a)))
    expectEqual(seenWith(merge(empty(), of(a))), seenWith(of(a)))
  })

  it('remembers a bounded amount of 200,000 distinct records', () => {
    let memory = detector.memory.empty()
    for (let part = 0; part < 20; part++) {
      const batch = synthetic({ rows: 10_000, seed: 1000 + part, sources: 100_000, novel: 0.2, flips: 0.05 })
      ;({ memory } = measure(batch, memory) as Measured<unknown>)
    }
    expect(detector.memory.codec.encode(memory).length).toBeLessThan(largestMemory)
    expect(sorted(measure(ordinary, copy(memory)).measurements)).toEqual(sorted(measure(ordinary, memory).measurements))
  })

  it('explains what it found, and has nothing to say against records that are not there', () => {
    const { measurements, memory } = measure(poisoned)
    const empty = synthetic({ rows: 0, seed: 9 })
    for (const subject of subjectsOf(measurements)) {
      for (const batch of [poisoned, empty, ordinary]) {
        const explanation = detector.explain(subject, batch, fitted, memory)
        expect(explanation.summary.length).toBeGreaterThan(10)
        expect(new Set(explanation.suspects).size).toBe(explanation.suspects.length)
        for (const row of explanation.suspects) expect(batch.label[row]).toBeDefined()
        for (const fact of Object.values(explanation.facts).flat()) {
          if (typeof fact === 'number') expect(fact).toSatisfy(Number.isFinite)
        }
        expect(detector.explain(subject, batch, fitted, memory)).toEqual(explanation)
      }
    }
  })
})

function fit(detector: Detector): unknown {
  return detector.fit(reference, detector.params.parse({}), seed)
}

/** Megabytes, which toEqual would compare one by one. */
function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0)
}

function noise(length: number): Uint8Array {
  const uniform = random(seed)
  return Uint8Array.from({ length }, () => 256 * uniform())
}

/** Subjects that an alarm could be about: those measured, and for scores the stream and a source. */
function subjectsOf(measurements: readonly Measurement[]): Subject[] {
  const named = measurements.flatMap((each) => (each.kind === 'scores' ? [] : [each.subject])).slice(0, 20)
  return [{ kind: 'stream' }, { kind: 'source', name: 'source 1' }, { kind: 'label', name: 'spam' }, ...named]
}

function assertFinite(measurement: Measurement, batch: Encoded): void {
  switch (measurement.kind) {
    case 'scores':
      expect(measurement.scores.length).toBe(batch.label.length)
      for (const score of measurement.scores) expect(Number.isFinite(score) || Number.isNaN(score)).toBe(true)
      break
    case 'increment':
      expect([...measurement.logE].every(Number.isFinite)).toBe(true)
      break
    case 'statistic':
      expect(measurement.value).toSatisfy(Number.isFinite)
      break
    case 'level':
      expect(measurement.logE).toSatisfy(Number.isFinite)
      break
    case 'insufficient':
      expect(measurement.records).toBeLessThan(measurement.needed)
  }
}

/** The scores of a batch as they are in another order of it; other measurements know no order. */
function permuted(measurement: Measurement, order: Int32Array): Measurement {
  if (measurement.kind !== 'scores') return measurement
  return { kind: 'scores', scores: Float64Array.from(order, (row) => measurement.scores[row] ?? NaN) }
}

const keyOf = (each: Measurement) => each.kind + (each.kind === 'scores' ? '' : subjectKey(each.subject))

function sorted(measurements: readonly Measurement[]): Measurement[] {
  return measurements.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** Equal but for the rounding of sums that were added up in another order. */
function expectEqual(actual: readonly Measurement[], expected: readonly Measurement[]): void {
  expect(actual.map(keyOf)).toEqual(expected.map(keyOf))
  const numbers = (each: Measurement) => {
    if (each.kind === 'scores') return [...each.scores]
    if (each.kind === 'increment') return [...each.logE, each.records]
    if (each.kind === 'statistic') return [each.value, each.records]
    if (each.kind === 'level') return [each.logE, each.records]
    return [each.records, each.needed]
  }
  actual.forEach((each, i) => {
    const [a, b] = [numbers(each), expected[i] === undefined ? [] : numbers(expected[i])]
    expect(a.length).toBe(b.length)
    a.forEach((value, j) => {
      const other = b[j] ?? NaN
      if (Number.isNaN(value) && Number.isNaN(other)) return
      expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(other)))
    })
  })
}

type Arrays = Float32Array | Float64Array | Int32Array | Uint32Array

/** Freezes objects and lists, all the way down; typed arrays can't be frozen. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const each of Object.values(value)) frozen(each)
  return value
}

/** Encoded records that cannot be changed, or that say afterwards whether they were. */
function guarded(encoded: Encoded) {
  const arrays = (): Arrays[] => [
    encoded.records.source.codes,
    encoded.records.label.codes,
    encoded.records.at,
    encoded.vectors.data,
    encoded.features.offsets,
    encoded.features.ids,
    encoded.label,
    encoded.probabilities.data,
    encoded.nearest,
  ]
  const before = arrays().map((array) => array.slice())
  return { encoded: frozen(encoded), assertUntouched: () => expect(arrays()).toEqual(before) }
}
