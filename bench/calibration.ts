import type { Records } from '../src/core/batch.ts'
import { validate } from '../src/baseline/validate.ts'
import { clopperPearson } from '../src/stats/clopper-pearson.ts'
import { select } from '../src/core/batch.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { withSources } from '../datasets/sources.ts'
import { random } from '../src/stats/random.ts'
import { encodedBy, fitted, type FitChoice } from './fitted.ts'
import { randomParts } from './parts.ts'
import type { Bench, Figure } from './report.ts'

const ALPHA = 0.01

interface Setting {
  readonly name: string
  readonly choice: Omit<FitChoice, 'seed'>
  readonly repeats: number // random splits a seed
  parts(seed: number): { readonly trusted: Records; readonly stream: Records }
}

async function settings(quick: boolean): Promise<Setting[]> {
  const mnist = await loadMnist()
  const mail = await loadMail()
  const mails = select(mail.records, distinctMails(mail))
  return [
    {
      name: 'mail',
      choice: { encoder: 'text-glove' },
      repeats: quick ? 2 : 5,
      parts: (seed) => randomParts(mails, 3000, mails.id.length - 3000, seed),
    },
    {
      name: 'MNIST',
      choice: { encoder: 'image-pixels', encoderParams: { dims: 64 } },
      repeats: 1,
      parts(seed) {
        const uniform = random(seed)
        const { trusted, stream } = randomParts(mnist, 6000, quick ? 4000 : 20_000, seed)
        return { trusted: withSources(trusted, 50, uniform), stream: withSources(stream, 50, uniform) }
      },
    },
  ]
}

interface Count {
  alarms: number
  trials: number
  readonly unit: string
}

export const bench: Bench = {
  about: "detectors' p-values on clean records that no part of the fit has seen",
  async run({ seeds, quick, note }) {
    const figures: Figure[] = []
    for (const setting of await settings(quick)) {
      const counts = new Map<string, Count[]>()
      const splits = seeds.flatMap((seed) =>
        Array.from({ length: setting.repeats }, (_, i) => seed * setting.repeats + i),
      )
      for (const seed of splits) {
        const { trusted, stream } = setting.parts(seed)
        const baseline = await fitted(trusted, { ...setting.choice, seed })
        for (const { name, reason } of baseline.manifest.off)
          note(`calibration ${setting.name}: ${name} is off: ${reason}`)
        const encoded = await encodedBy(baseline, stream)
        for (const { name, detector, fitted: state, calibration } of baseline.detectors) {
          for (const rate of validate(detector, state, calibration, encoded, seed)) {
            if (rate.alpha !== ALPHA) continue
            const unit = rate.unit === 'records' ? 'records' : `batches of ${rate.records}`
            const key = `${name}, ${unit}`
            const count = { alarms: rate.alarms, trials: rate.trials, unit }
            counts.set(key, [...(counts.get(key) ?? []), count])
            note(`calibration ${setting.name} split ${seed}: ${key}: ${rate.alarms} of ${rate.trials}`)
          }
        }
      }
      for (const [key, seen] of counts) {
        const alarms = seen.reduce((sum, count) => sum + count.alarms, 0)
        const trials = seen.reduce((sum, count) => sum + count.trials, 0)
        figures.push({
          what: `${setting.name}: ${key}: ${alarms} of ${trials} at α = ${ALPHA}, upper bound`,
          values: [clopperPearson(alarms, trials).upper],
          target: { atMost: 2 * ALPHA },
          show: (value) => value.toFixed(4),
        })
      }
    }
    return [
      {
        title: 'Calibration on unseen clean records',
        setting: `mail: 3,000 of the distinct mails trusted, the rest validates, ${quick ? 2 : 5} random splits a seed; MNIST: 6,000 trusted, ${quick ? '4,000' : '20,000'} validate; p-values ≤ ${ALPHA}, all splits together, upper end of the exact 95 % interval (it takes records as independent across splits); "always fire" has 1, a random p-value .01`,
        figures,
      },
    ]
  },
}
