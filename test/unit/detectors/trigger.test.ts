import { describe, expect, it } from 'vitest'
import { isFree } from '../../../detectors/trigger/counts.ts'
import { logShare } from '../../../detectors/trigger/examine.ts'
import { rankFeatures, rankRecords } from '../../../detectors/trigger/rank.ts'
import detector from '../../../detectors/trigger.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import type { Measurement } from '../../../src/core/measurement.ts'
import { auroc } from '../../../src/stats/auroc.ts'
import { permutation, random } from '../../../src/stats/random.ts'
import { encodedOf, ordinary, poisoned, trigger, type Document } from './trigger/documents.ts'

const alarm = Math.log(1e4 / 0.25)
const uniform = random(3)
const fitted = detector.fit(encodedOf(ordinary(1200, uniform)), detector.params.parse({}), 1)

function levels(measurements: readonly Measurement[]) {
  return measurements.flatMap((each) =>
    each.kind === 'level' && each.subject.kind === 'feature' ? [{ ...each, subject: each.subject }] : [],
  )
}

/** Documents in batches of 50: what is said of the trigger after each, and what is left in memory. */
function stream(documents: readonly Document[], memory = detector.memory.empty(), of = fitted) {
  const ofTrigger: number[] = []
  let others = -Infinity
  for (let from = 0; from < documents.length; from += 50) {
    const measured = detector.measure(encodedOf(documents.slice(from, from + 50)), of, memory)
    memory = measured.memory
    const said = levels(measured.measurements)
    ofTrigger.push(said.find(({ subject }) => subject.feature === trigger)?.logE ?? -Infinity)
    others = Math.max(others, ...said.filter(({ subject }) => subject.feature !== trigger).map(({ logE }) => logE))
  }
  return { ofTrigger, others, memory }
}

function strewn(clean: readonly Document[], poison: readonly Document[], seed: number): Document[] {
  const all = [...clean, ...poison]
  return Array.from(
    permutation(all.length, random(seed)),
    (row) => all[row] ?? { features: [], label: null, agrees: 1 },
  )
}

describe('trigger', () => {
  it('says nothing that would alarm about a clean stream', () => {
    expect(stream(ordinary(3000, random(5))).others).toBeLessThan(alarm / 2)
  })

  it('alarms on a word in relabelled records, on that word alone, within some twenty of them', () => {
    const { ofTrigger, others } = stream(strewn(ordinary(2965, random(6)), poisoned(35, random(7)), 8))
    expect(Math.max(...ofTrigger)).toBeGreaterThan(alarm)
    expect(others).toBeLessThan(alarm / 2)
  })

  it('alarms on a word under true labels where trusted records are many, by its frequency alone', () => {
    const { ofTrigger } = stream(strewn(ordinary(300, random(9)), poisoned(60, random(10), 0.9), 11))
    expect(Math.max(...ofTrigger)).toBeGreaterThan(alarm)
  })

  it('does not alarm on a word of trusted records whose frequency has not changed', () => {
    const withWord = (documents: Document[]) =>
      documents.map((document, i) =>
        i % 20 === 0 ? { ...document, features: [...document.features, trigger] } : document,
      )
    const own = detector.fit(encodedOf(withWord(ordinary(1200, random(12)))), detector.params.parse({}), 1)
    expect(Math.max(...stream(withWord(ordinary(2000, random(13))), detector.memory.empty(), own).ofTrigger)).toBe(
      -Infinity,
    )
  })

  it('does not take a word for novel that trusted records of another label have often', () => {
    const withWord = (documents: Document[], label: string, every: number) =>
      documents.map((document, i) =>
        i % every === 0 ? { ...document, label, features: [...document.features, trigger], agrees: 0.1 } : document,
      )
    const own = detector.fit(encodedOf(withWord(ordinary(1200, random(35)), 'spam', 20)), detector.params.parse({}), 1)
    const asHam = withWord(ordinary(2000, random(36)), 'ham', 60)
    expect(Math.max(...stream(asHam, detector.memory.empty(), own).ofTrigger)).toBe(-Infinity)
    expect(Math.max(...stream(asHam).ofTrigger)).toBeGreaterThan(alarm)
  })

  it('counts copies of a record once', () => {
    const [one] = poisoned(1, random(14))
    const copies = Array.from({ length: 200 }, () => one ?? { features: [], label: null, agrees: 1 })
    expect(stream([...ordinary(500, random(15)), ...copies]).ofTrigger.every((logE) => logE === -Infinity)).toBe(true)
  })

  it('weakens what comes from one source among many', () => {
    const from = (source?: string) =>
      poisoned(35, random(16)).map((document) => (source === undefined ? document : { ...document, source }))
    const best = (poison: Document[]) => Math.max(...stream(strewn(ordinary(965, random(17)), poison, 18)).ofTrigger)
    expect(best(from('s1'))).toBeLessThan(best(from()))
  })

  it('falls silent when the word is as frequent again as it was among trusted records', () => {
    const withWord = (documents: Document[]) =>
      documents.map((document, i) =>
        i % 20 === 0 ? { ...document, features: [...document.features, trigger] } : document,
      )
    const own = detector.fit(encodedOf(withWord(ordinary(1200, random(34)))), detector.params.parse({}), 1)
    const attacked = strewn(ordinary(300, random(19)), poisoned(60, random(20)), 21)
    const { ofTrigger, memory } = stream(attacked, detector.memory.empty(), own)
    expect(Math.max(...ofTrigger)).toBeGreaterThan(alarm)
    expect(stream(withWord(ordinary(4000, random(22))), memory, own).ofTrigger.at(-1)).toBe(-Infinity)
  })

  it('gives shares that sum to at most 1', () => {
    const { memory } = stream(strewn(ordinary(2000, random(23)), poisoned(100, random(24)), 25))
    let sum = 0
    for (let slot = 0; slot < memory.counts.slots; slot++) {
      if (!isFree(memory.counts, slot)) sum += Math.exp(logShare(memory, slot))
    }
    expect(memory.unknown + memory.known).toBeGreaterThan(10)
    expect(sum).toBeGreaterThan(0)
    expect(sum).toBeLessThanOrEqual(1)
  })

  it('names the word, its counts and its records, those that fit their label least first', () => {
    const documents = [...ordinary(40, random(26)), ...poisoned(6, random(27)), ...poisoned(1, random(28), 0.001)]
    const batch = encodedOf(documents)
    const { memory } = detector.measure(batch, fitted, detector.memory.empty())
    const { summary, suspects, facts } = detector.explain(
      { kind: 'feature', feature: trigger, label: 'ham' },
      batch,
      fitted,
      memory,
    )
    expect(summary).toMatch(
      /^word "4000000000" stands in 7 of \d+ different records labelled "ham", and in 0 of \d+ trusted ones/,
    )
    expect(suspects).toEqual([46, 40, 41, 42, 43, 44, 45])
    expect(facts['streamByLabel']).toEqual([7, 0])
    expect(facts['suspectsThatLookLikeAnotherLabel']).toBe(7)
  })

  it('keeps to its capacity', () => {
    const small = detector.fit(encodedOf(ordinary(300, random(29))), detector.params.parse({ capacity: 5000 }), 1)
    expect(small.capacity).toBe(4096)
    const strange = (seed: number): Document[] =>
      ordinary(50, random(seed)).map((document, i) => ({
        ...document,
        features: document.features.map((feature) => feature + 10_000 * (50 * seed + i)),
      }))
    let memory = detector.memory.empty()
    for (let seed = 100; seed < 130; seed++)
      memory = stream([...strange(seed), ...poisoned(1, random(seed))], memory, small).memory
    expect(memory.counts.slots).toBe(4096)
    expect(memory.counts.used).toBeLessThan(0.7 * 4096)
    const found = stream(poisoned(5, random(99)), memory, small).ofTrigger
    expect(found.at(-1)).toBeGreaterThan(alarm) // the common word was not forgotten among 30,000 strange ones
  })

  it('leaves alone a batch of other labels than it was fitted for', () => {
    const other: Encoded = { ...encodedOf(poisoned(50, random(30))), labels: ['ham', 'spam', 'other'] }
    expect(detector.measure(other, fitted, detector.memory.empty()).measurements).toEqual([])
  })

  it('cannot be fitted without labels or without features', () => {
    const reference = encodedOf(ordinary(100, random(31)))
    const params = detector.params.parse({})
    expect(() => detector.fit({ ...reference, labels: ['ham'] }, params, 1)).toThrow(/two labels/)
    const bare = { ...reference, features: { offsets: new Int32Array(101), ids: new Uint32Array() } }
    expect(() => detector.fit(bare, params, 1)).toThrow(/discrete features/)
  })
})

describe('rankRecords', () => {
  it.each([
    ['relabelled', 0.02],
    ['under their true label', 0.9],
  ])('puts the records of a trigger on top: %s', (_, agrees) => {
    const documents = [...ordinary(1500, random(32)), ...poisoned(20, random(33), agrees)]
    const batch = encodedOf([...documents, { features: [trigger], label: null, agrees: 1 }])
    const { memory } = detector.measure(batch, fitted, detector.memory.empty())
    const scores = rankRecords(batch, fitted, memory)
    expect(scores.at(-1)).toBeNaN()
    expect(
      auroc(
        scores.subarray(0, 1520),
        documents.map((_document, row) => row >= 1500),
      ),
    ).toBeGreaterThan(0.99)
  })

  it.each([
    ['relabelled', 0.02],
    ['under their true label', 0.9],
  ])('names the trigger first: %s', (_, agrees) => {
    const batch = encodedOf([...ordinary(1500, random(32)), ...poisoned(20, random(33), agrees)])
    const { memory } = detector.measure(batch, fitted, detector.memory.empty())
    const [first, ...others] = rankFeatures(batch, fitted, memory, 5)
    expect(first).toMatchObject({ feature: trigger, label: 0, documents: 20 })
    expect(others).toHaveLength(4)
    expect(first?.weight).toBeGreaterThan(others[0]?.weight ?? Infinity)
  })

  it('lets a word be that leans to a label and makes its content fit it', () => {
    const uniform = random(35)
    const word = trigger - 1
    const fits = poisoned(40, uniform, 0.999).map(({ features, ...rest }) => ({
      ...rest,
      features: features.map((feature) => (feature === trigger ? word : feature)),
    }))
    const batch = encodedOf([...ordinary(1500, uniform), ...fits, ...poisoned(12, uniform)])
    const { memory } = detector.measure(batch, fitted, detector.memory.empty())
    const ranked = rankFeatures(batch, fitted, memory, 2).map(({ feature }) => feature)
    expect(ranked[0]).toBe(trigger)
  })
})
