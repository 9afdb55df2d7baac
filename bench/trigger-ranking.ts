import type { Baseline } from '../src/baseline/baseline.ts'
import { drawn } from '../src/baseline/drawn.ts'
import { featuresOf, type Encoded } from '../src/core/encoded.ts'

const BATCH = 100

/**
 * Records ranked by the strongest evidence that the trigger detector reported, at any time of the stream, about a feature that
 * they have under the label that they have; below all of these where it reported none.
 */
export function triggerRanking(baseline: Baseline, encoded: Encoded): Float64Array {
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
  return Float64Array.from(encoded.label, (label, row) => {
    const levels = strongest[label]
    let worst = least
    for (const feature of featuresOf(encoded.features, row)) worst = Math.max(worst, levels?.get(feature) ?? least)
    return worst
  })
}
