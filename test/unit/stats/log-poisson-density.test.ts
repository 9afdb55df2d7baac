import { expect, it } from 'vitest'
import { logPoissonDensity } from '../../../src/stats/log-poisson-density.ts'

it('sums to one with the density at zero', () => {
  for (const mean of [0.1, 3, 80]) {
    let sum = Math.exp(-mean)
    for (let k = 1; k < 300; k++) sum += Math.exp(logPoissonDensity(k, mean))
    expect(sum).toBeCloseTo(1, 12)
  }
})
