import { expect, it } from 'vitest'
import { betaLogitQuantile } from '../../../src/stats/beta-logit-quantile.ts'

it('is the logit itself for the uniform distribution', () => {
  for (const p of [1e-200, 1e-9, 0.3, 0.5]) expect(betaLogitQuantile(p, 1, 1)).toBeCloseTo(Math.log(p / (1 - p)), 11)
})

it('converges from the mean into far tails of narrow distributions', () => {
  const u = betaLogitQuantile(1e-250, 5e5, 5e5)
  expect(u).toBeGreaterThan(-0.1)
  expect(u).toBeLessThan(-0.05)
})
