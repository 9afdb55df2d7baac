import { describe, expect, it } from 'vitest'
import { select, sizeOf, type Records } from '../../src/core/batch.ts'
import { column, valueAt } from '../../src/core/column.ts'
import { TasterError } from '../../src/core/errors.ts'
import { random } from '../../src/stats/random.ts'
import { poison, type Attack } from '../../datasets/attack.ts'
import { loadBirdstrikes } from '../../datasets/birdstrikes.ts'
import { loadMail } from '../../datasets/mail.ts'
import { loadMnist } from '../../datasets/mnist.ts'
import { loadAttacks } from '../../datasets/registry.ts'

const attacks = await loadAttacks()
const first = (records: Records, rows: number) =>
  select(
    records,
    Int32Array.from({ length: rows }, (_, i) => i),
  )
const streams: Record<'text' | 'image' | 'row' | 'vector', Records> = {
  text: first((await loadMail()).records, 1200),
  image: withSources(first(await loadMnist('t10k'), 1200)),
  row: first(await loadBirdstrikes(), 1200),
  vector: vectors(1200),
}

function withSources(records: Records): Records {
  return { ...records, source: column(records.id.map((_, row) => `s${row % 5}`)) }
}

function vectors(rows: number): Records {
  const uniform = random(7)
  return withSources({
    id: Array.from({ length: rows }, (_, row) => `v${row}`),
    source: { values: [], codes: new Int32Array(rows).fill(-1) },
    label: column(Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 'a' : 'b'))),
    at: new Float64Array(rows).fill(NaN),
    content: {
      kind: 'vector',
      vectors: { rows, cols: 8, data: Float32Array.from({ length: rows * 8 }, () => uniform()) },
    },
  })
}

/** Everything about one record but its id and time, as text that is equal for equal records. */
function fingerprint(records: Records, row: number): string {
  const { content } = records
  const inside = () => {
    switch (content.kind) {
      case 'text':
        return content.text[row]
      case 'image': {
        const size = content.height * content.width * content.channels
        return [...content.pixels.subarray(row * size, (row + 1) * size)]
      }
      case 'row':
        return [...content.columns.values()].map((values) =>
          values instanceof Float64Array ? String(values[row]) : valueAt(values, row),
        )
      case 'vector':
        return [...content.vectors.data.subarray(row * content.vectors.cols, (row + 1) * content.vectors.cols)]
    }
  }
  return JSON.stringify([valueAt(records.source, row), valueAt(records.label, row), inside()])
}

const fingerprints = (records: Records) => records.id.map((_, row) => fingerprint(records, row))
const cases = [...attacks].flatMap(([name, attack]) => attack.content.map((kind) => ({ name, attack, kind })))

function count(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0)
}

describe.each(cases)('$name on $kind', ({ attack, kind }) => {
  const records = streams[kind]
  const dose = { seed: 3, count: 24 }

  it('gives the same poison for the same seed, and another for another', () => {
    const once = fingerprints(poison(attack, records, dose).records)
    expect(fingerprints(poison(attack, records, dose).records)).toEqual(once)
    // the boiling frog has few choices to make, one sign a coordinate: some seeds agree
    const others = [4, 5, 6, 7].map((seed) => fingerprints(poison(attack, records, { ...dose, seed }).records))
    expect(others.some((other) => other.some((print, row) => print !== once[row]))).toBe(true)
  })

  it('leaves its input as it was', () => {
    const before = { columns: structuredClone({ ...records, content: null }), prints: fingerprints(records) }
    poison(attack, records, dose)
    expect({ ...records, content: null }).toEqual(before.columns)
    expect(fingerprints(records)).toEqual(before.prints)
  })

  it('changes or inserts exactly the rows that it declares, and keeps the order of arrival', () => {
    const { records: result, poisoned, origin } = poison(attack, records, dose)
    const before = fingerprints(records)
    const after = fingerprints(result)
    expect(poisoned.length).toBe(sizeOf(result))
    expect(origin.length).toBe(sizeOf(result))
    expect(new Set(result.id).size).toBe(sizeOf(result))
    const inserted = sizeOf(result) > sizeOf(records)
    const same = Array.from(after, (print, row) => print === before[origin[row] ?? -1])
    const rowsOf = (flag: number) => same.filter((_, row) => poisoned[row] === flag)
    expect(rowsOf(0).every(Boolean)).toBe(true)
    expect(inserted || !rowsOf(1).some(Boolean)).toBe(true)
    const kept = origin.filter((_, row) => !inserted || poisoned[row] === 0)
    expect([...kept]).toEqual([...records.id.keys()])
  })

  it('reaches the dose', () => {
    expect(count(poison(attack, records, dose).poisoned)).toBe(24)
    const { poisoned } = poison(attack, records, { seed: 1, rate: 0.02 })
    const least = attack.rateOf === 'records' ? 23 : 1
    expect(count(poisoned)).toBeGreaterThanOrEqual(least)
    expect(count(poisoned)).toBeLessThanOrEqual(25)
  })

  it.each([{ rate: 0 }, { rate: 1e-9 }, { count: 0 }, { count: 2.5 }])('refuses a dose of %o', (amount) => {
    expect(() => poison(attack, records, { seed: 1, ...amount })).toThrow(TasterError)
  })

  it('refuses an empty stream', () => {
    expect(() => poison(attack, select(records, []), { seed: 1, count: 1 })).toThrow(TasterError)
  })

  it('refuses to poison more records than there are, unless it inserts them', () => {
    const inserts = sizeOf(poison(attack, records, dose).records) > sizeOf(records)
    const asked = () => poison(attack, records, { seed: 1, count: sizeOf(records) + 1 })
    const refused = () => {
      try {
        return asked() === undefined
      } catch (error) {
        return error instanceof TasterError
      }
    }
    expect(refused()).toBe(!inserts)
  })

  it('describes itself', () => {
    expect(attack.about.title).not.toBe('')
    expect(attack.about.does).toMatch(/\.$/)
    expect(attack.about.references.length).toBeGreaterThan(0)
    expect(() => attack.params.parse({})).not.toThrow()
    expect(() => attack.params.parse({ unknown: 1 })).toThrow(/unrecognized/i)
  })
})

describe('a source that flips', () => {
  it('touches nobody else and flips the share asked for', async () => {
    const attack = attacks.get('source-flip') as Attack
    const mails = streams.text
    const { records, poisoned, target } = poison(attack, mails, { seed: 0, rate: 0.5 }, { from: 'spam', to: 'ham' })
    const of = mails.id.filter(
      (_, row) => valueAt(mails.source, row) === target.source && valueAt(mails.label, row) === 'spam',
    )
    expect(count(poisoned)).toBe(Math.round(of.length / 2))
    for (const row of [...mails.id.keys()].filter((at) => poisoned[at] === 1)) {
      expect(valueAt(records.source, row)).toBe(target.source)
      expect([valueAt(mails.label, row), valueAt(records.label, row)]).toEqual(['spam', 'ham'])
    }
  })

  it('refuses a source that sends nothing it could flip', () => {
    expect(() =>
      poison(attacks.get('source-flip') as Attack, streams.text, { seed: 0, rate: 0.5 }, { source: 'nobody' }),
    ).toThrow(/no source to poison: source "nobody"/)
  })
})

describe('a flood', () => {
  it('can come from many sources', () => {
    const { records, poisoned } = poison(
      attacks.get('near-duplicate-flood') as Attack,
      streams.text,
      { seed: 0, count: 60 },
      { sources: 10 },
    )
    const senders = new Set(records.id.flatMap((_, row) => (poisoned[row] === 1 ? [valueAt(records.source, row)] : [])))
    expect(senders.size).toBeGreaterThan(5)
  })
})
