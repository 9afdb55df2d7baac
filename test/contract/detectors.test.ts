import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadDetectors } from '../../src/baseline/registry.ts'
import { pack } from '../../src/core/codec.ts'
import type { Detector } from '../../src/core/detector.ts'
import { selectEncoded, type Encoded } from '../../src/core/encoded.ts'
import { startBackend } from '../../src/tensor/backend.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { copiesOf, difference, frozen, keyOf, numbersOf, permuted, subjectsOf } from './measured.ts'
import { contentFor, referenceRows, synthetic as drawn, type Wanted } from './synthetic.ts'

// What every file of detectors/ keeps to, whoever wrote it.
const detectors = await loadDetectors()
const largestMemory = 32 * 2 ** 20 // bytes
const rounding = 1e-9
const seed = 7
/** Detectors that count the records between one and the next: to them the order of a batch is part of what arrived. */
const ordered: ReadonlySet<string> = new Set(['duplicate-flood'])

/** The same records for every detector, but for what content they hold. */
function recordsFor(detector: Detector) {
  const content = contentFor(detector)
  const synthetic = (wanted: Wanted) => drawn({ ...wanted, content })
  const reference = synthetic({ rows: referenceRows, seed: 1 })
  const nothing = synthetic({ rows: 0, seed: 9 })
  const constant = synthetic({ rows: 120, seed: 4, constant: true })
  const ordinary = synthetic({ rows: 300, seed: 10 })
  const poisoned = synthetic({ rows: 300, seed: 11, flips: 0.3, copies: 0.5, novel: 0.2 })
  const batches: readonly (readonly [string, Encoded])[] = [
    ['ordinary records', ordinary],
    ['poisoned records', poisoned],
    ['constant records', constant],
    ['a single record', synthetic({ rows: 1, seed: 5 })],
    ['records without labels', synthetic({ rows: 100, seed: 6, unlabelled: true })],
    ['records without sources', synthetic({ rows: 100, seed: 7, sources: 0 })],
    ['10,000 records', synthetic({ rows: 10_000, seed: 8 })],
    ['no records', nothing],
  ]
  return { synthetic, reference, nothing, constant, ordinary, poisoned, batches }
}
const made = new Map<string, ReturnType<typeof recordsFor>>()

await startBackend() // as the engine has done before any detector is asked

describe.each([...detectors])('%s', (name, detector) => {
  const records = made.get(contentFor(detector)) ?? recordsFor(detector)
  made.set(contentFor(detector), records)
  const { synthetic, reference, nothing, constant, ordinary, poisoned, batches } = records
  const fit = (of: Detector): unknown => of.fit(reference, paramsOf(of), seed)
  let fitted: unknown
  beforeAll(() => {
    fitted = fit(detector)
  })
  const measure = (batch: Encoded, memory: unknown = detector.memory.empty()) => detector.measure(batch, fitted, memory)
  const remembered = (...parts: Encoded[]) =>
    parts.reduce((memory: unknown, batch) => measure(batch, memory).memory, detector.memory.empty())
  /** What a memory is good for: what it makes of records that come after. The memory itself is consumed. */
  const seenWith = (memory: unknown) => measure(poisoned, memory).measurements
  const learnt = (what: unknown) => Buffer.from(detector.codec.encode(what)).toString('base64')
  const kept = (memory: unknown) => Buffer.from(detector.memory.codec.encode(memory)).toString('base64')

  it('says what it is, what it catches and what it misses', () => {
    const { about, needs, resample } = detector
    const texts = [about.title, about.catches, about.misses, ...about.references]
    expect(texts.filter((text) => text.length < 10)).toEqual([])
    expect(about.references.length).toBeGreaterThan(0)
    expect(needs.content.length).toBeGreaterThan(0)
    const sizes = [...(resample?.sizes ?? [])]
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  })

  it('has a default and a description for every parameter, and knows no other', () => {
    const defaults = detector.params.parse({})
    const schema = z.toJSONSchema(detector.params, { io: 'input' })
    const properties = Object.entries(schema.properties ?? {})
    expect(schema.additionalProperties).toBe(false)
    expect(properties.map(([key]) => key).toSorted()).toEqual(Object.keys(defaults as object).toSorted())
    const bare = properties.filter(([, property]) => {
      return typeof property === 'boolean' || property.default === undefined || (property.description ?? '').length < 10
    })
    expect(bare).toEqual([])
    expect(() => detector.params.parse({ 'no such parameter': 1 })).toThrow(/no such parameter/)
  })

  it('refuses, with a reason, trusted records that cannot feed it', () => {
    expect(() => detector.fit(nothing, detector.params.parse({}), seed)).toThrow(
      expect.objectContaining({ name: 'CalibrationError' }) as Error,
    )
  })

  it('is deterministic', () => {
    expect(learnt(fit(detector)) === learnt(fit(detector))).toBe(true)
    for (const [, batch] of batches) {
      const [one, other] = [measure(batch), measure(batch)]
      expect(one.measurements).toEqual(other.measurements)
      expect(kept(one.memory) === kept(other.memory)).toBe(true)
    }
  })

  it('leaves its inputs as they were', () => {
    const trusted = frozen(synthetic({ rows: referenceRows, seed: 1 }))
    const batch = frozen(synthetic({ rows: 300, seed: 11, flips: 0.3, copies: 0.5, novel: 0.2 }))
    const before = [copiesOf(trusted), copiesOf(batch)]
    const own = frozen(detector.fit(trusted, frozen(paramsOf(detector)), seed))
    const bytes = learnt(own)
    const { memory, measurements } = detector.measure(batch, own, detector.memory.empty())
    for (const subject of subjectsOf(measurements)) detector.explain(subject, batch, own, memory)
    expect([copiesOf(trusted), copiesOf(batch)]).toEqual(before)
    expect(learnt(own) === bytes).toBe(true)
  })

  it.each(batches)('measures finite numbers about %s, each once', (_, batch) => {
    const { measurements } = measure(batch)
    const scored = measurements.filter((each) => each.kind === 'scores')
    expect(scored.filter(({ scores }) => scores.length !== batch.label.length || scores.includes(Infinity))).toEqual([])
    const others = measurements.filter((each) => each.kind !== 'scores')
    expect(others.filter((each) => !numbersOf(each).every(Number.isFinite))).toEqual([])
    expect(others.filter((each) => each.kind === 'insufficient' && each.records >= each.needed)).toEqual([])
    expect(new Set(measurements.map(keyOf)).size).toBe(measurements.length)
  })

  it('has nothing to say about no records', () => {
    expect(measure(nothing).measurements.filter(({ kind }) => kind !== 'scores')).toEqual([])
  })

  it('measures the same whatever the order of a batch', () => {
    for (const batch of ordered.has(name) ? [constant] : batches.map(([, each]) => each)) {
      const order = permutation(batch.label.length, random(seed))
      const straight = measure(batch).measurements
      const shuffled = measure(selectEncoded(batch, order)).measurements
      expect(
        difference(
          shuffled,
          straight.map((each) => permuted(each, order)),
        ),
      ).toBeLessThan(rounding)
    }
  })

  it('brings what it learnt back from bytes', () => {
    const again = detector.codec.decode(detector.codec.encode(fitted))
    expect(learnt(again) === learnt(fitted)).toBe(true)
    for (const [, batch] of batches) {
      const { measurements } = detector.measure(batch, again, detector.memory.empty())
      expect(measurements).toEqual(measure(batch).measurements)
    }
  })

  it('brings its memory back from bytes', () => {
    const bytes = detector.memory.codec.encode(remembered(ordinary, poisoned))
    expect(kept(detector.memory.codec.decode(bytes)) === kept(remembered(ordinary, poisoned))).toBe(true)
    const here = measure(poisoned, remembered(ordinary, poisoned))
    const restored = measure(poisoned, detector.memory.codec.decode(bytes))
    expect(restored.measurements).toEqual(here.measurements)
    expect(kept(restored.memory) === kept(here.memory)).toBe(true)
  })

  it('refuses bytes that it did not make', () => {
    const whole = detector.codec.encode(fitted)
    const garbage = [
      new Uint8Array(),
      new Uint8Array(64),
      new TextEncoder().encode('{"not": "this"}'),
      Uint8Array.from({ length: 256 }, (_, i) => (i * 167) % 256),
      pack({ json: { not: 'this' }, arrays: { neither: Float64Array.of(1) } }),
      ...[8, whole.length >> 1, whole.length - 8].map((end) => whole.subarray(0, end)),
    ]
    for (const bytes of garbage) {
      expect(() => detector.codec.decode(bytes)).toThrow(/./)
      expect(() => detector.memory.codec.decode(bytes)).toThrow(/./)
    }
  })

  it('merges memories in any order, and nothing with an empty one', () => {
    const parts = [30, 31, 32].map((each) => synthetic({ rows: 200, seed: each, flips: 0.1, copies: 0.2, novel: 0.01 }))
    const bytes = parts.map((part) => detector.memory.codec.encode(remembered(part)))
    const of = (part: number) => detector.memory.codec.decode(bytes[part] ?? new Uint8Array())
    const merge = (a: unknown, b: unknown) => detector.memory.merge(a, b)
    const left = seenWith(merge(merge(of(0), of(1)), of(2)))
    expect(difference(seenWith(merge(of(0), merge(of(1), of(2)))), left)).toBeLessThan(rounding)
    expect(difference(seenWith(merge(of(2), merge(of(1), of(0)))), left)).toBeLessThan(rounding)
    expect(seenWith(merge(of(0), detector.memory.empty()))).toEqual(seenWith(of(0)))
    expect(seenWith(merge(detector.memory.empty(), of(0)))).toEqual(seenWith(of(0)))
  })

  it('remembers a bounded amount of 200,000 distinct records', () => {
    let memory = detector.memory.empty()
    for (let part = 0; part < 20; part++) {
      const batch = synthetic({ rows: 10_000, seed: 1000 + part, sources: 100_000, novel: 0.2, flips: 0.05 })
      memory = measure(batch, memory).memory
    }
    const bytes = detector.memory.codec.encode(memory)
    expect(bytes.length).toBeLessThan(largestMemory)
    const restored = measure(ordinary, detector.memory.codec.decode(bytes)).measurements
    expect(difference(restored, measure(ordinary, memory).measurements)).toBeLessThan(rounding)
  })

  it('explains what it found, and has nothing to say against records that are not there', () => {
    const { measurements, memory } = measure(poisoned)
    for (const subject of subjectsOf(measurements)) {
      for (const batch of [poisoned, ordinary, nothing]) {
        const explanation = detector.explain(subject, batch, fitted, memory)
        expect(explanation.summary.length).toBeGreaterThan(10)
        expect(new Set(explanation.suspects).size).toBe(explanation.suspects.length)
        expect(explanation.suspects.filter((row) => batch.label[row] === undefined)).toEqual([])
        const facts = Object.values(explanation.facts).flat()
        expect(facts.filter((fact) => typeof fact === 'number' && !Number.isFinite(fact))).toEqual([])
        expect(detector.explain(subject, batch, fitted, memory)).toEqual(explanation)
      }
    }
  })
})

/** The defaults; a detector that has to be told records gets some. */
function paramsOf({ anchors, params }: Detector): unknown {
  return params.parse(anchors === undefined ? {} : { ids: ['1-0', '1-1', '1-2'] })
}
