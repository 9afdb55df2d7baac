import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { valueAt } from '../src/core/column.ts'
import { pack, unpack } from '../src/core/codec.ts'
import type { Detector } from '../src/core/detector.ts'
import type { Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import { clopperPearsonUpper } from '../src/stats/clopper-pearson-upper.ts'
import { exceedanceLogE } from '../src/stats/exceedance-log-e.ts'
import {
  collidingPairs,
  collisionsOf,
  protectedFrom,
  type Collision,
  type Protected,
} from './protected-inputs/collisions.ts'
import { fittedCodec, type Fitted } from './protected-inputs/fitted.ts'

const mostProtected = 1000

const params = z.strictObject({
  ids: z
    .array(z.string().min(1))
    .max(mostProtected)
    .default([])
    .describe('Ids of the trusted records that are protected (1,000 at most); without any the detector is off'),
  cosine: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.95)
    .describe('A record collides with a protected one whose vector is nearer than this (cosine)'),
  delta: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Chance that the bound of the rate of honest collisions lies below the true rate (probability)'),
})

const bets = [4, 16, 64, 256, 1024, 4096] as const
/** With more honest collisions than this the distance says nothing about intent. */
const mostHonest = 0.05
const mostSuspects = 100
const mostNames = 5

/** Collisions are counted by the engine's evidence: nothing else is remembered. */
const memoryCodec = {
  encode: () => pack({ json: null, arrays: {} }),
  decode(bytes: Uint8Array) {
    return z.null().parse(unpack(bytes).json)
  },
}

const detector: Detector<z.infer<typeof params>, Fitted, null> = {
  about: {
    title: 'Poison around a protected input',
    family: 'integrity',
    catches:
      'Records under another label that the encoder takes for one of the inputs that the user protects: feature collisions, which draw the label of that input over to another.',
    misses:
      'Every input that is not on the list, collisions in the features of another model than the encoder, and poison that works from a distance (convex polytopes, gradient matching). Without a list it is off.',
    references: [
      'Shafahi, Huang, Najibi, Suciu, Studer, Dumitras, Goldstein 2018, Poison Frogs! Targeted Clean-Label Poisoning Attacks on Neural Networks, arXiv:1804.00792',
      'Peri et al. 2020, Deep k-NN Defense against Clean-label Data Poisoning Attacks, arXiv:1909.13374',
      'Waudby-Smith & Ramdas 2024, Estimating means of bounded random variables by betting, J. R. Statist. Soc. B 86',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: true, trustedPerLabel: 0 },
  resample: null,
  params,
  anchors: ({ ids }) => ids,
  fit(reference, { ids, cosine, delta }) {
    const off = (why: string) => new TasterError('CALIBRATION_INSUFFICIENT', `protected-inputs ${why}`)
    if (ids.length === 0) throw off('protects nothing: name the ids of trusted records under `ids`')
    const chosen = protectedFrom(reference, new Set(ids))
    const unlabelled = chosen.ids.filter((_, i) => chosen.labels[i] === '')
    if (chosen.ids.length === 0) throw off('knows none of its `ids`: they must be ids of trusted records')
    if (unlabelled.length > 0) {
      throw off(`cannot protect ${JSON.stringify(unlabelled[0])}, which has no label: give trusted records labels`)
    }
    const rows = sizeOf(reference.records)
    const honest = collisionsOf(reference, chosen, cosine).length
    const bound = honestRate(reference, chosen, cosine, honest, delta)
    if (bound > mostHonest) {
      throw off(
        `would mistake honest records: ${honest} of ${rows} trusted ones with another label lie nearer to a protected one than cosine ${cosine}. Raise \`cosine\`, or trust more records`,
      )
    }
    return { protected: chosen, cosine, bound }
  },
  codec: fittedCodec,
  memory: { empty: () => null, merge: () => null, codec: memoryCodec },
  measure(batch, fitted, memory) {
    const records = sizeOf(batch.records)
    if (records === 0 || batch.vectors.cols !== fitted.protected.vectors.cols) return { measurements: [], memory }
    const { length } = collisionsOf(batch, fitted.protected, fitted.cosine)
    const logE = exceedanceLogE(length, records, fitted.bound, bets)
    return { measurements: [{ kind: 'increment', subject: { kind: 'stream' }, logE, records }], memory }
  },
  explain(_, batch, fitted) {
    const found =
      batch.vectors.cols === fitted.protected.vectors.cols
        ? collisionsOf(batch, fitted.protected, fitted.cosine).toSorted((a, b) => b.cosine - a.cosine || a.row - b.row)
        : []
    const { ids, labels } = fitted.protected
    const count = (which: (collision: Collision) => number) => {
      const counts = new Map<number, number>()
      for (const each of found) counts.set(which(each), (counts.get(which(each)) ?? 0) + 1)
      return [...counts].toSorted(([a, n], [b, m]) => m - n || a - b)
    }
    const targets = count(({ of }) => of)
    const [first] = targets
    if (first === undefined) {
      return {
        summary: 'Records of earlier batches collided with protected ones; none of this batch does.',
        suspects: [],
        facts: {},
      }
    }
    const [target, hits] = first
    const own = found.filter(({ of }) => of === target)
    const given = [...new Set(own.map(({ row }) => valueAt(batch.records.label, row) ?? ''))]
    const many = hits === 1 ? '1 record labelled' : `${hits} records labelled`
    return {
      summary: `${many} ${given
        .slice(0, mostNames)
        .map((label) => JSON.stringify(label))
        .join(
          ', ',
        )} can hardly be told from the protected record ${JSON.stringify(ids[target] ?? '')}, whose label is ${JSON.stringify(labels[target] ?? '')} (cosine up to ${(own[0]?.cosine ?? 0).toFixed(3)}).`,
      suspects: found.map(({ row }) => row).slice(0, mostSuspects),
      facts: {
        collisions: found.length,
        protected: targets.slice(0, mostNames).map(([of]) => ids[of] ?? ''),
        protectedLabels: targets.slice(0, mostNames).map(([of]) => labels[of] ?? ''),
        cosines: found.map(({ cosine }) => cosine).slice(0, mostSuspects),
        honestRateBound: fitted.bound,
      },
    }
  },
  proof: [],
}
export default detector

/**
 * Upper bound of the rate of honest collisions. Where the trusted records show some, the exact bound of their rate. Where
 * they show none, protected records are taken to be like other trusted ones, any two of which of different labels tell
 * how often that happens; but never less than a twentieth of a record among all trusted ones.
 */
function honestRate(reference: Encoded, of: Protected, cosine: number, honest: number, delta: number): number {
  const rows = sizeOf(reference.records)
  if (honest >= rows) return 1
  const exact = clopperPearsonUpper(honest, rows, delta)
  if (honest > 0) return exact
  const { colliding, pairs } = collidingPairs(reference, cosine)
  if (pairs === 0) return exact
  const mean = clopperPearsonUpper(Math.min(colliding, pairs - 1), pairs, delta)
  return Math.min(exact, Math.max(1 / (20 * rows), of.ids.length * mean))
}
