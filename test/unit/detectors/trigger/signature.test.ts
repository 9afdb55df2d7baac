import { describe, expect, it } from 'vitest'
import { meet, remembered, signatures } from '../../../../detectors/trigger/signature.ts'
import { permutation, random } from '../../../../src/stats/random.ts'

const uniform = random(11)
const drawn = (size: number) => Uint32Array.from({ length: size }, () => Math.floor(uniform() * 2 ** 32))
const shares = (a: Uint32Array, b: Uint32Array) => {
  const [one, other] = [signatures(a, 0), signatures(b, 0)]
  return one.first === other.first || one.second === other.second
}

describe('signatures', () => {
  it('do not depend on the order of features, and do on the label', () => {
    const features = drawn(30)
    const shuffled = Uint32Array.from(permutation(30, uniform), (at) => features[at] ?? 0)
    expect(signatures(shuffled, 0)).toEqual(signatures(features, 0))
    expect(signatures(features, 1)).not.toEqual(signatures(features, 0))
  })

  it('are shared by sets of Jaccard similarity J about 1 − (1 − J⁸)² of the time', () => {
    const found = (common: number, own: number) => {
      let met = 0
      for (let pair = 0; pair < 400; pair++) {
        const both = drawn(common)
        if (shares(Uint32Array.from([...both, ...drawn(own)]), Uint32Array.from([...both, ...drawn(own)]))) met++
      }
      return met / 400
    }
    expect(found(200, 5)).toBeGreaterThan(0.8) // J = .95
    expect(found(100, 50)).toBeLessThan(0.05) // J = .5
  })
})

describe('meet', () => {
  it('knows a signature again until others have taken its place', () => {
    const seen = new Uint32Array(2 * remembered)
    expect(meet(seen, 5, 6)).toBe(false)
    expect(meet(seen, 5, 7)).toBe(true)
    expect(meet(seen, 8, 7)).toBe(true)
    for (const signature of drawn(2 ** 20)) meet(seen, signature, signature)
    expect(meet(seen, 5, 6)).toBe(false)
  })
})
