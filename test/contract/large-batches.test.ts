import { expect, it } from 'vitest'
import { loadDetectors } from '../../src/baseline/registry.ts'
import type { Detector } from '../../src/core/detector.ts'
import { subjectKey } from '../../src/core/measurement.ts'
import { logMeanExp } from '../../src/stats/log-mean-exp.ts'
import { startBackend } from '../../src/tensor/backend.ts'
import { contentFor, referenceRows, synthetic } from './synthetic.ts'

// What few trusted records get wrong is the same in every batch: evidence must not grow by it, however large batches are.
const detectors = await loadDetectors()
const seeds = [100, 101, 102]
const batches = 5
const calm = Math.log(100)

await startBackend() // as the engine has done before any detector is asked

/** The highest level that a CUSUM of e-values about any subject reaches on honest batches larger than the reference. */
function highest(detector: Detector, seed: number): number {
  const content = contentFor(detector)
  const given: object = detector.anchors === undefined ? {} : { ids: [`${seed}-0`], cosine: 0.999 }
  const trusted = synthetic({ rows: referenceRows, seed, content })
  const fitted = detector.fit(trusted, detector.params.parse(given), 1)
  const levels = new Map<string, Float64Array>()
  let memory = detector.memory.empty()
  let most = -Infinity
  for (let batch = 0; batch < batches; batch++) {
    const honest = synthetic({ rows: 4 * referenceRows, seed: 1000 * seed + batch, content })
    const measured = detector.measure(honest, fitted, memory)
    memory = measured.memory
    for (const each of measured.measurements) {
      if (each.kind !== 'increment') continue
      const key = subjectKey(each.subject)
      const before = levels.get(key)
      const level = each.logE.map((e, bet) => Math.max(before?.[bet] ?? 0, 0) + e)
      levels.set(key, level)
      most = Math.max(most, logMeanExp(level))
    }
  }
  return most
}

it.each([...detectors])('%s stays calm about honest batches larger than its reference', (_, detector) => {
  for (const seed of seeds) expect(highest(detector, seed)).toBeLessThan(calm)
})
