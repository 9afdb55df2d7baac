import type { Fitted } from '../detectors/trigger/fitted.ts'
import type { Memory } from '../detectors/trigger/memory.ts'
import { rankFeatures, rankRecords } from '../detectors/trigger/rank.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { drawn } from '../src/baseline/drawn.ts'
import { featuresOf, type Encoded } from '../src/core/encoded.ts'
import { naming } from './naming.ts'

const BATCH = 100

export interface TriggerRanking {
  /** By the counts that the detector has made when the stream has ended: what orders suspects for a reviewer. */
  readonly afterwards: Float64Array
  /**
   * By the strongest evidence, weighted by the subject's share, that it reported at any time about a feature that a record has
   * under the label that it has; below all others where it reported none.
   */
  readonly reported: Float64Array
  readonly first: readonly string[] // names of the features that speak most strongly, by the same counts
}

/** Records ranked by what the trigger detector says of their features, batch by batch along the stream. */
export function triggerRanking(baseline: Baseline, encoded: Encoded, features = 0): TriggerRanking {
  const found = baseline.detectors.find(({ name }) => name === 'trigger')
  if (found === undefined) throw new Error(`trigger is off: ${JSON.stringify(baseline.manifest.off)}`)
  const { detector, fitted } = found
  const size = encoded.label.length
  const strongest = encoded.labels.map(() => new Map<number, number>())
  let memory = detector.memory.empty()
  for (let first = 0; first < size; first += BATCH) {
    const rows = Int32Array.from({ length: Math.min(BATCH, size - first) }, (_, i) => first + i)
    const measured = detector.measure(drawn(encoded, rows), fitted, memory)
    memory = measured.memory
    for (const measurement of measured.measurements) {
      if (measurement.kind !== 'level' || measurement.subject.kind !== 'feature') continue
      const { feature, label } = measurement.subject
      const levels = strongest[encoded.labels.indexOf(label)]
      levels?.set(feature, Math.max(levels.get(feature) ?? -Infinity, measurement.logE))
    }
  }
  const least = Math.min(0, ...strongest.flatMap((levels) => [...levels.values()])) - 1
  const reported = Float64Array.from(encoded.label, (label, row) => {
    const levels = strongest[label]
    let worst = least
    for (const feature of featuresOf(encoded.features, row)) worst = Math.max(worst, levels?.get(feature) ?? least)
    return worst
  })
  const nameOf = naming(encoded)
  const first = rankFeatures(encoded, fitted as Fitted, memory as Memory, features).map(({ feature }) =>
    nameOf(feature),
  )
  return { afterwards: rankRecords(encoded, fitted as Fitted, memory as Memory), reported, first }
}
