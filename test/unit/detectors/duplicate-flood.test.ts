import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/duplicate-flood.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { hash32 } from '../../../src/core/hash.ts'
import { random } from '../../../src/stats/random.ts'
import { synthetic } from '../../contract/synthetic.ts'

/** Records of 40 features each, by the number of a text; `changed` of them differ from copy to copy. */
function texts(numbers: readonly number[], changed = 0, seed = 1): Encoded {
  const uniform = random(seed)
  const base = synthetic({ rows: numbers.length, seed: 2 })
  const ids = numbers.flatMap((number) =>
    Array.from({ length: 40 }, (_, i) => (i < changed ? Math.floor(uniform() * 2 ** 32) : hash32(`${number} ${i}`))),
  )
  return {
    ...base,
    records: { ...base.records, content: { kind: 'text', text: numbers.map((n) => `text number ${n}`) } },
    features: {
      offsets: Int32Array.from({ length: numbers.length + 1 }, (_, i) => 40 * i),
      ids: Uint32Array.from(ids),
    },
  }
}

const distinct = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + i)
const copies = (of: number, n: number) => Array.from({ length: n }, () => of)
const fit = (reference: Encoded) => detector.fit(reference, detector.params.parse({}), 1)
const fitted = fit(texts(distinct(0, 1000)))
const measure = (batch: Encoded, memory = detector.memory.empty(), own = fitted) => detector.measure(batch, own, memory)
const levelOf = (batch: Encoded, memory = detector.memory.empty(), own = fitted) => {
  const [level] = measure(batch, memory, own).measurements
  return level?.kind === 'level' ? level.logE : 0
}
const alarm = Math.log(10_000 / 0.1) // one in 10,000 batches, for a detector with a tenth of the budget

describe('duplicate-flood', () => {
  it('reports a flood of equal records and not a pair of them', () => {
    expect(levelOf(texts([...distinct(5000, 50), ...copies(7, 2)]))).toBe(0)
    const flood = texts([...distinct(5000, 50), ...copies(7, 60)])
    expect(levelOf(flood)).toBeGreaterThan(alarm)
    expect(measure(flood).measurements[0]).toMatchObject({ subject: { kind: 'stream' }, records: 60 })
  })

  it.each([2, 6])('takes records that differ in %d of 40 features for copies', (changed) => {
    expect(levelOf(texts(copies(7, 60), changed))).toBeGreaterThan(alarm)
  })

  it('takes records that share a fifth of their features for different ones', () => {
    expect(levelOf(texts(copies(7, 60), 32))).toBe(0)
  })

  it('adds up over batches, and says nothing in batches without copies', () => {
    let memory = detector.memory.empty()
    const levels: number[] = []
    for (let part = 0; part < 10; part++) {
      const batch = texts([...distinct(10_000 + 30 * part, 20), ...copies(7, 6)])
      const { measurements, memory: next } = measure(batch, memory)
      memory = next
      levels.push(measurements[0]?.kind === 'level' ? measurements[0].logE : 0)
    }
    expect(levels).toEqual(levels.toSorted((a, b) => a - b))
    expect(levels.at(-1)).toBeGreaterThan(alarm)
    const later = measure(texts(distinct(90_000, 30)), memory).measurements
    expect(later.filter(({ kind }) => kind === 'level')).toEqual([])
  })

  it('begins anew after a pause of more than 4,096 records', () => {
    const { memory } = measure(texts(copies(7, 30)))
    const later = measure(texts(distinct(100_000, 5000)), memory).memory
    expect(levelOf(texts(copies(7, 2)), later)).toBe(0)
  })

  it('expects of a stream what trusted records do among themselves', () => {
    // every text comes six times in a row among trusted records
    const repeating = fit(texts(distinct(0, 200).flatMap((n) => copies(n, 6))))
    expect([...repeating.bounds].every((bound, gap) => gap === 2 || bound > 0.6)).toBe(true)
    const batch = texts([...distinct(5000, 20), ...copies(7, 25)])
    expect(levelOf(batch, detector.memory.empty(), repeating)).toBeLessThan(levelOf(batch))
    const shuffledTimes = texts(distinct(0, 200))
    expect(() => fit(shuffledTimes)).not.toThrow()
  })

  it('does not take what all trusted records share for a copy', () => {
    const withFooter = (batch: Encoded): Encoded => {
      const ids = batch.features.ids.map((id, i) => (i % 40 < 30 ? hash32(`footer ${i % 40}`) : id))
      return { ...batch, features: { ...batch.features, ids } }
    }
    const own = fit(withFooter(texts(distinct(0, 1000))))
    expect(own.sketcher.common.size).toBe(30)
    expect(levelOf(withFooter(texts(distinct(5000, 100))), detector.memory.empty(), own)).toBe(0)
  })

  it('compares vectors where records have no features', () => {
    const bare = (batch: Encoded): Encoded => ({
      ...batch,
      features: { offsets: new Int32Array(batch.label.length + 1), ids: new Uint32Array() },
    })
    const own = fit(bare(synthetic({ rows: 1000, seed: 3, copies: 0 })))
    const noisy = bare(synthetic({ rows: 60, seed: 4, constant: true }))
    const uniform = random(5)
    const vectors = { ...noisy.vectors, data: noisy.vectors.data.map((x) => x + 0.01 * (uniform() - 0.5)) }
    expect(levelOf({ ...noisy, vectors }, detector.memory.empty(), own)).toBeGreaterThan(alarm)
    expect(levelOf(bare(synthetic({ rows: 300, seed: 6, copies: 0 })), detector.memory.empty(), own)).toBe(0)
  })

  it('shows what is repeated, by whom, and every copy', () => {
    const batch = texts([...distinct(5000, 40), ...copies(7, 60)])
    const { memory } = measure(batch)
    const { suspects, facts, summary } = detector.explain({ kind: 'stream' }, batch, fitted, memory)
    expect(suspects).toEqual(distinct(40, 60))
    expect(facts).toMatchObject({ copies: 60, copiesSoFar: 60, withinRecords: 60, templates: 1, text: 'text number 7' })
    expect(summary).toContain('"text number 7"')
  })

  it('finds copies of many records under one label, where trusted ones of it are no copies', () => {
    const ten = distinct(0, 10).flatMap((n) => copies(n, 4))
    const flood = texts([...distinct(5000, 60), ...ten])
    const given = { ...flood, label: flood.label.map((_, row) => (row < 60 ? row % 3 : 1)) }
    const { measurements, memory } = measure(given)
    const logE = (name: string) =>
      Math.max(
        ...measurements.flatMap((each) =>
          each.kind === 'increment' && each.subject.kind === 'label' && each.subject.name === name
            ? [...each.logE]
            : [],
        ),
      )
    expect(logE('news')).toBeGreaterThan(20)
    expect(logE('spam')).toBeLessThan(0)
    const told = detector.explain({ kind: 'label', name: 'news' }, given, fitted, memory)
    expect(told.summary).toMatch(/^40 of 60 records labelled "news" are copies of others among the last 512/)
    expect(told.suspects).toHaveLength(40)
  })
})
