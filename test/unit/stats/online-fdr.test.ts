import { describe, expect, it } from 'vitest'
import { addis } from '../../../src/stats/addis.ts'
import { lordPlusPlus } from '../../../src/stats/lord-plus-plus.ts'
import { powerSpending, type OnlineFdr } from '../../../src/stats/online-fdr.ts'
import { random } from '../../../src/stats/random.ts'
import { saffron } from '../../../src/stats/saffron.ts'

const procedures: readonly [name: string, open: (alpha: number) => OnlineFdr][] = [
  ['LORD++', lordPlusPlus],
  ['SAFFRON', saffron],
  ['ADDIS', addis],
]

describe.each(procedures)('%s', (_, open) => {
  it('spends more after a rejection than without one', () => {
    const [found, none] = [open(0.05), open(0.05)]
    expect(found.next(1e-9).rejected).toBe(true)
    expect(none.next(0.9).rejected).toBe(false)
    expect(found.next(0.5).level).toBeGreaterThan(none.next(0.5).level)
  })

  it('is judged by what came before it alone', () => {
    const levels = (last: number) => {
      const procedure = open(0.1)
      return [0.3, 0.001, 0.6, last].map((p) => procedure.next(p).level)
    }
    expect(levels(1e-9)).toEqual(levels(0.99))
  })

  it('rejects few of independent hypotheses that are all true', () => {
    let families = 0
    for (let seed = 0; seed < 400; seed++) {
      const draw = random(seed)
      const procedure = open(0.05)
      if (Array.from({ length: 200 }, () => procedure.next(draw())).some(({ rejected }) => rejected)) families++
    }
    // 5 % of 400 families may reject at all; four standard deviations more than that would be 37.
    expect(families).toBeLessThanOrEqual(37)
  })

  it('refuses what is no p-value, and levels that cannot be spent', () => {
    expect(() => open(0.05).next(1.5)).toThrow('1.5 is not a p-value')
    expect(() => open(0.05).next(NaN)).toThrow(RangeError)
    expect(() => open(0)).toThrow('alpha is 0')
    expect(() => open(1)).toThrow(RangeError)
  })
})

it('refuses thresholds that leave nothing between them', () => {
  expect(() => saffron(0.05, 0.02, 1)).toThrow('lambda is 1')
  expect(() => addis(0.05, 0.02, 0.5, 0.5)).toThrow('lambda is 0.5 and tau 0.5')
  expect(() => lordPlusPlus(0.05, 0.06)).toThrow('initial wealth is 0.06')
})

it('spends a whole, in shares that fall', () => {
  const shares = Array.from({ length: 10_000 }, (_, i) => powerSpending(i + 1))
  const rest = (0.4374901658 / 0.6) * 10_000 ** -0.6
  expect(shares.reduce((sum, share) => sum + share, 0) + rest).toBeCloseTo(1, 4)
})
