import { auroc } from '../src/stats/auroc.ts'
import { tprAtFpr } from '../src/stats/tpr-at-fpr.ts'
import type { Records } from '../src/core/batch.ts'
import { random } from '../src/stats/random.ts'

export interface Ranking {
  readonly auroc: number
  readonly tpr: number // at 1 % false positives
  readonly tpr5: number // at 5 %
}

/** How well scores (larger = worse, NaN = nothing to say) tell poisoned records from the others. */
export function ranking(scores: Float64Array, poisoned: Uint8Array): Ranking {
  const ranked = scores.map((score) => (Number.isNaN(score) ? -Infinity : score))
  const positive = Array.from(poisoned, (flag) => flag === 1)
  return {
    auroc: auroc(ranked, positive),
    tpr: tprAtFpr(ranked, positive, 0.01),
    tpr5: tprAtFpr(ranked, positive, 0.05),
  }
}

/** Detectors that know nothing of content: what a figure must be compared with. */
export const trivial: ReadonlyMap<string, (records: Records, seed: number) => Float64Array> = new Map([
  ['always fire', (records: Records) => new Float64Array(records.id.length).fill(1)],
  [
    'random',
    (records: Records, seed: number) => {
      const uniform = random(seed + 1_000_003)
      return Float64Array.from(records.id, () => uniform())
    },
  ],
  [
    'label frequency', // rare labels are suspect
    ({ label }: Records) => {
      const counts = new Float64Array(label.values.length)
      for (const code of label.codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1
      return Float64Array.from(label.codes, (code) => -(counts[code] ?? 0))
    },
  ],
])
