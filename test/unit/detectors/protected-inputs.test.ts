import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/protected-inputs.ts'
import { column, valueAt } from '../../../src/core/column.ts'
import { selectEncoded, type Encoded } from '../../../src/core/encoded.ts'
import { labels, synthetic } from '../../contract/synthetic.ts'

const reference = synthetic({ rows: 1500, seed: 1 })
const target = 17
const ids = [reference.records.id[target] ?? '']
const own = valueAt(reference.records.label, target) ?? ''
const other = labels.find((label) => label !== own) ?? ''
const fit = (given: unknown, trusted = reference) => detector.fit(trusted, detector.params.parse(given), 1)

/** Ordinary records, of which the first `count` are the protected one under the label given. */
function colliding(count: number, label: string): Encoded {
  const base = synthetic({ rows: 50, seed: 3 })
  const data = base.vectors.data.slice()
  for (let row = 0; row < count; row++) data.set(reference.vectors.data.subarray(target * 8, target * 8 + 8), row * 8)
  const given = base.records.id.map((_, row) => (row < count ? label : valueAt(base.records.label, row)))
  return { ...base, vectors: { ...base.vectors, data }, records: { ...base.records, label: column(given) } }
}
const evidence = (batch: Encoded, fitted = fit({ ids, cosine: 0.999 })) =>
  detector
    .measure(batch, fitted, null)
    .measurements.flatMap((each) => (each.kind === 'increment' ? [...each.logE] : []))

describe('protected-inputs', () => {
  it('counts records of another label that are nearly the protected one, and no others', () => {
    expect(Math.max(...evidence(colliding(3, other)))).toBeGreaterThan(10)
    expect(Math.max(...evidence(colliding(3, own)))).toBeLessThan(0)
    expect(Math.max(...evidence(colliding(0, other)))).toBeLessThan(0)
  })

  it('counts labels that nobody trusted too', () => {
    expect(Math.max(...evidence(colliding(3, 'never seen')))).toBeGreaterThan(10)
  })

  it('names the protected record and those that collide with it', () => {
    const told = detector.explain({ kind: 'stream' }, colliding(3, other), fit({ ids, cosine: 0.999 }), null)
    expect(told.summary).toContain(
      `3 records labelled ${JSON.stringify(other)} can hardly be told from the protected record ${JSON.stringify(ids[0])}`,
    )
    expect(told.suspects).toEqual([0, 1, 2])
    expect(told.facts['protected']).toEqual(ids)
  })

  it('knows honest collisions from the trusted records, and is off where they are many', () => {
    expect(fit({ ids, cosine: 0.999 }).bound).toBeLessThan(1 / 500)
    expect(() => fit({ ids, cosine: 0.01 })).toThrow(/Raise `cosine`/)
  })

  it('is off without a list, and where the list names nothing', () => {
    expect(detector.anchors?.(detector.params.parse({}))).toEqual([])
    expect(() => fit({})).toThrow(/protects nothing/)
    expect(() => fit({ ids: ['nobody'] })).toThrow(/knows none of its/)
    const bare = selectEncoded(reference, [target])
    const unlabelled = { ...bare, records: { ...bare.records, label: column([null]) } }
    expect(() => fit({ ids }, unlabelled)).toThrow(/has no label/)
  })
})
