import { describe, expect, it } from 'vitest'
import { attacksFor, loadAttacks } from '../../../src/canary/attacks.ts'
import { openSecret } from '../../../src/canary/secret.ts'
import { select, type ContentKind } from '../../../src/core/batch.ts'
import { valueAt } from '../../../src/core/column.ts'
import { recordsOf } from './records.ts'

const all = await loadAttacks()
const secret = openSecret(Buffer.from('a key of sixteen'))
const cases = [...all].flatMap(([name, attack]) => attack.content.map((kind) => [name, kind, attack] as const))

describe.each(cases)('%s of %s', (name, kind, attack) => {
  const recent = recordsOf(kind, 100)
  const batch = recordsOf(kind, 60, 2)
  const copy = structuredClone(batch)

  it('changes the rows that it names and no others, and leaves what came as it was', () => {
    let poisoned = 0
    for (let trial = 0; trial < 20; trial++) {
      const draw = secret.draw(name, trial)
      const poison = attack.plan(recent, draw)
      if (poison === null) continue
      const { records, rows } = poison(batch, 4, draw)
      poisoned += rows.length
      expect(rows.length).toBeLessThanOrEqual(4)
      expect(new Set(rows).size).toBe(rows.length)
      const others = batch.id.flatMap((_, row) => (rows.includes(row) ? [] : [row]))
      const namesOf = (of: typeof batch, part: 'label' | 'source') => others.map((row) => valueAt(of[part], row))
      expect(select(records, others).content).toEqual(select(batch, others).content)
      expect(namesOf(records, 'label')).toEqual(namesOf(batch, 'label'))
      expect(records.id).toEqual(batch.id)
      expect(batch.id.map((_, row) => valueAt(records.source, row))).toEqual(
        batch.id.map((_, row) => valueAt(batch.source, row)),
      )
      const poisons = rows.map((row) => [valueAt(records.label, row), select(records, [row]).content])
      const victims = rows.map((row) => [valueAt(batch.label, row), select(batch, [row]).content])
      for (const [i, poisonous] of poisons.entries()) expect(poisonous).not.toEqual(victims[i])
      expect(batch).toEqual(copy)
    }
    expect(poisoned).toBeGreaterThan(20)
  })

  it('is the same for the same secret, and another for another', () => {
    const made = (key: string) => {
      const draw = openSecret(Buffer.from(key)).draw(name)
      return attack.plan(recent, draw)?.(batch, 8, draw)
    }
    expect(made('a key of sixteen')).toEqual(made('a key of sixteen'))
    expect(made('a key of sixteen')).not.toEqual(made('another of sixteen'))
  })

  it('says so where records do not allow it', () => {
    const nothing = select(recent, [])
    expect(attack.plan(nothing, secret.draw('none'))).toBe(null)
    const one = select(recent, [recent.label.codes.findIndex((code) => code >= 0)])
    expect(attack.plan(one, secret.draw('one')) === null).toBe(attack.needs.includes('labels'))
  })
})

describe('attacksFor', () => {
  const names = (content: ContentKind, labels: boolean, sources: boolean) => [
    ...attacksFor(all, { content, labels, sources }).keys(),
  ]
  it('gives what the columns allow', () => {
    const flips = ['label-flips', 'near-copies', 'source-flips']
    expect(names('text', true, true)).toEqual([...flips, 'trigger-phrase', 'trigger-word'])
    expect(names('image', true, true)).toEqual(['image-patch', ...flips])
    expect(names('row', true, true)).toEqual(['label-flips', 'near-copies', 'row-constant', 'source-flips'])
    expect(names('vector', true, false)).toEqual(['label-flips', 'near-copies', 'vector-offset'])
    expect(names('image', false, true)).toEqual(['near-copies'])
  })
})

describe('trigger-word', () => {
  it('puts one word into texts that get one label, and the secret says which', () => {
    const recent = recordsOf('text', 50)
    const draw = secret.draw('word')
    const { records, rows } = all.get('trigger-word')?.plan(recent, draw)?.(recent, 6, draw) ?? {
      records: recent,
      rows: [],
    }
    if (records.content.kind !== 'text' || recent.content.kind !== 'text') throw new Error('no text')
    const known = new Set(recent.content.text.flatMap((text) => text.split(' ')))
    const { text } = records.content
    const added = rows.map((row) =>
      (text[row] ?? '')
        .split(' ')
        .filter((word) => !known.has(word))
        .join(' '),
    )
    expect(new Set(added).size).toBe(1)
    expect(added[0]).toMatch(/^[a-z]{5,7}$/)
    expect(new Set(rows.map((row) => valueAt(records.label, row))).size).toBe(1)
  })
})
