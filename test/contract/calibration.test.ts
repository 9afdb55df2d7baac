import { beforeAll, describe, expect, it } from 'vitest'
import { encodedBy, fitted, scoresBy } from '../../bench/fitted.ts'
import { randomParts } from '../../bench/parts.ts'
import { ranking } from '../../bench/ranking.ts'
import { poison } from '../../datasets/attack.ts'
import { loadMnist } from '../../datasets/mnist.ts'
import { loadAttacks } from '../../datasets/registry.ts'
import { withSources } from '../../datasets/sources.ts'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { loadDetectors } from '../../src/baseline/registry.ts'
import { validate } from '../../src/baseline/validate.ts'
import type { Records } from '../../src/core/batch.ts'
import { clopperPearson } from '../../src/stats/clopper-pearson.ts'
import { random } from '../../src/stats/random.ts'

// What detectors say about themselves, on real data that no part of the fit has seen.
const detectors = await loadDetectors()
const attacks = await loadAttacks()
const seed = 1
const alpha = 0.01

let baseline: Baseline
let clean: Records
let target: Records

beforeAll(async () => {
  const uniform = random(seed)
  const parts = randomParts(await loadMnist(), 6000, 54_000, seed)
  const { trusted, stream } = randomParts(parts.stream, 4000, 50_000, seed)
  target = trusted
  clean = withSources(stream, 50, uniform)
  baseline = await fitted(withSources(parts.trusted, 50, uniform), {
    encoder: 'image-pixels',
    encoderParams: { dims: 64 },
    seed,
  })
})

describe('on clean images', () => {
  it('every detector alarms as seldom as it says', async () => {
    const encoded = await encodedBy(baseline, clean)
    const rates = baseline.detectors.flatMap(({ name, detector, fitted: state, calibration }) =>
      validate(detector, state, calibration, encoded, seed)
        .filter((rate) => rate.alpha === alpha && rate.trials > 0) // sources that are alike are not told apart
        .map(({ alarms, trials }) => ({ name, alarms, trials, upper: clopperPearson(alarms, trials).upper })),
    )
    expect(rates.length).toBeGreaterThanOrEqual(baseline.detectors.length - 1)
    expect(rates.filter(({ upper }) => upper > 2 * alpha)).toEqual([])
  })
})

describe.each([...detectors].filter(([, { proof }]) => proof.length > 0))('%s', (name, { proof }) => {
  it.each(
    proof.map((claim) => [`${claim.metric} ${claim.atLeast} on ${claim.dataset}, ${claim.attack}`, claim] as const),
  )('reaches %s', async (_, claim) => {
    expect(claim.dataset).toBe('mnist')
    const attack = attacks.get(claim.attack)
    if (attack === undefined) throw new Error(`no attack is called ${claim.attack}`)
    const { records, poisoned } = poison(attack, target, { seed, rate: claim.rate })
    const { auroc, tpr } = ranking(scoresBy(baseline, name, await encodedBy(baseline, records)), poisoned)
    expect(claim.metric === 'auroc' ? auroc : tpr).toBeGreaterThanOrEqual(claim.atLeast)
  })
})
