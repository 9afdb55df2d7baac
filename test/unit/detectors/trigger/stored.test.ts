import { describe, expect, it } from 'vitest'
import {
  claim,
  emptyCounts,
  featureAt,
  hashOf,
  isFree,
  labelAt,
  setWord,
  slotOf,
  wordAt,
  words,
} from '../../../../detectors/trigger/counts.ts'
import { columnsPerLabel, emptyMemory, type Memory } from '../../../../detectors/trigger/memory.ts'
import { memoryCodec } from '../../../../detectors/trigger/stored.ts'
import { pack, unpack, type TypedArray } from '../../../../src/core/codec.ts'
import { unmix32 } from '../../../../src/core/hash.ts'
import { random } from '../../../../src/stats/random.ts'

const labels = 3

function memoryOf(keys: readonly (readonly [feature: number, label: number])[]): Memory {
  const memory = {
    ...emptyMemory(),
    batches: 5,
    perLabel: new Float64Array(labels * columnsPerLabel),
    counts: emptyCounts(1024),
  }
  keys.forEach(([feature, label], i) => {
    const slot = claim(memory.counts, feature, label)
    setWord(memory.counts, slot, words.documents, i + 1)
    setWord(memory.counts, slot, words.low, i % 64)
  })
  return memory
}

const uniform = random(4)
const scattered = Array.from(
  { length: 600 },
  () => [Math.floor(uniform() * 2 ** 32), Math.floor(uniform() * labels)] as const,
)
// Hashes at the very end of the table: their slots go on at its beginning, among others.
const atTheEnd = Array.from({ length: 90 }, (_, i) => {
  const hash = i % 3 === 0 ? i : 2 ** 32 - 1 - i
  return [unmix32(i % labels, hash), i % labels] as const
})

describe.each([
  ['scattered', scattered],
  ['at the end of the table', atTheEnd],
  ['none', []],
])('a stored memory, subjects %s', (_, keys) => {
  const memory = memoryOf(keys)
  const bytes = memoryCodec.encode(memory)

  it('has every subject, where it is found', () => {
    const { counts } = memoryCodec.decode(bytes)
    expect(counts.used).toBe(memory.counts.used)
    for (let slot = 0; slot < counts.slots; slot++) {
      if (isFree(counts, slot)) continue
      expect(slotOf(counts, featureAt(counts, slot), labelAt(counts, slot))).toBe(slot)
    }
    keys.forEach(([feature, label], i) =>
      expect(wordAt(counts, slotOf(counts, feature, label), words.documents)).toBe(i + 1),
    )
  })

  it('has the same bytes however the table came to be', () => {
    const again = memoryOf([])
    for (const [feature, label] of keys.toReversed()) {
      const slot = claim(again.counts, feature, label)
      const from = slotOf(memory.counts, feature, label)
      for (const word of [words.documents, words.low])
        setWord(again.counts, slot, word, wordAt(memory.counts, from, word))
    }
    expect(Buffer.compare(memoryCodec.encode(again), bytes)).toBe(0)
    expect(Buffer.compare(memoryCodec.encode(memoryCodec.decode(bytes)), bytes)).toBe(0)
  })
})

describe('a damaged memory', () => {
  const { json, arrays } = unpack(memoryCodec.encode(memoryOf(scattered.slice(0, 20))))
  const changed = (name: string, change: (array: TypedArray) => unknown) => {
    const copies = new Map([...arrays].map(([each, array]) => [each, array.slice()]))
    change(copies.get(name) ?? new Uint8Array())
    return pack({ json, arrays: copies })
  }

  it.each<[string, (array: TypedArray) => unknown]>([
    ['subject', (array) => array.fill(0)], // one twice
    ['subject', (array) => array.fill(127)], // not as many numbers
    ['age', (array) => array.fill(6)], // touched before the first batch
    ['reached', (array) => array.fill(60)],
    ['listed', (array) => array.fill(64)],
    ['since', (array) => array.fill(1)], // evidence that is not there
    ['tests', (array) => array.fill(1)],
  ])('is refused: %s', (name, change) => {
    expect(() => memoryCodec.decode(changed(name, change))).toThrow(/cannot be read|where \d+ belong|not \d+ whole/)
  })

  it('is refused without labels', () => {
    expect(() => memoryCodec.decode(pack({ json: { ...(json as object), labels: 0 }, arrays }))).toThrow(
      /cannot be read/,
    )
  })
})

it('stands in the order of its hash in a table of any size', () => {
  for (const slots of [1024, 4096]) {
    expect(slotOf(emptyCounts(slots), 12_345, 1)).toBe(Math.floor(hashOf(12_345, 1) / (2 ** 32 / slots)))
  }
})
