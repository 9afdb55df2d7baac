import { beforeAll, describe, expect, it } from 'vitest'
import { loadDetectors } from '../../src/baseline/registry.ts'
import { suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import { startBackend } from '../../src/tensor/backend.ts'
import { subjectsOf } from './measured.ts'
import { contentFor, referenceRows, synthetic, type Wanted } from './synthetic.ts'

// A detector whose memory is stored after each batch and read back must not be told from one that never stopped.
const detectors = await loadDetectors()
const seed = 7

const attack = { flips: 0.4, copies: 0.6, novel: 0.1 }
const flood = { rows: 4000, sources: 100_000, novel: 0.2, flips: 0.1 }
const stretches: readonly (readonly [batches: number, wanted: Omit<Wanted, 'seed'>])[] = [
  [20, { rows: 60 }],
  [15, { rows: 60, ...attack }],
  [3, { rows: 1 }],
  [2, { rows: 40, unlabelled: true }],
  [2, { rows: 40, sources: 0 }],
  [1, { rows: 0 }],
  [3, { rows: 40, constant: true }],
  [4, flood], // more than any memory holds
  [1, { rows: 0 }],
  [10, { rows: 60, ...attack }],
  [20, { rows: 60 }],
]
const streamOf = (content: 'vector' | 'image'): readonly Encoded[] =>
  stretches.flatMap(([batches, wanted], stretch) =>
    Array.from({ length: batches }, (_, batch) => {
      const encoded = synthetic({ ...wanted, content, seed: 1000 * (stretch + 1) + batch })
      return wanted.flips === attack.flips ? triggered(encoded) : encoded
    }),
  )
const streams = { vector: streamOf('vector'), image: streamOf('image') }

/** Some records of a label have one feature more in common; those whose content is of another label all do. */
function triggered(encoded: Encoded): Encoded {
  const { offsets } = encoded.features
  const ids = encoded.features.ids.slice()
  encoded.label.forEach((label, row) => {
    if (label === 0 && (suggestedLabel(encoded, row) !== 0 || row % 9 === 0)) ids[(offsets[row] ?? 0) + 10] = 4711
  })
  return { ...encoded, features: { offsets, ids } }
}

await startBackend() // as the engine has done before any detector is asked

describe.each([...detectors])('%s', (name, detector) => {
  const asked: object = detector.anchors === undefined ? {} : { ids: ['1-0', '1-1', '1-2'] }
  const smallest: object = name === 'trigger' ? { capacity: 2 ** 15 } : asked // so that it has to forget
  let fitted: unknown
  beforeAll(() => {
    const reference = synthetic({ rows: referenceRows, seed: 1, content: contentFor(detector) })
    fitted = detector.fit(reference, detector.params.parse(smallest), seed)
  })
  const { codec } = detector.memory

  it('goes on from its stored memory as if it had never stopped', () => {
    let straight = detector.memory.empty()
    let stored = codec.encode(detector.memory.empty())
    for (const [at, batch] of streams[contentFor(detector)].entries()) {
      const here = detector.measure(batch, fitted, straight)
      const there = detector.measure(batch, fitted, codec.decode(stored))
      straight = here.memory
      stored = codec.encode(there.memory)
      const told = (memory: unknown) =>
        subjectsOf(here.measurements).map((subject) => detector.explain(subject, batch, fitted, memory))
      expect(there.measurements, `batch ${at}`).toStrictEqual(here.measurements)
      expect(told(there.memory), `batch ${at}`).toStrictEqual(told(straight))
      expect(Buffer.compare(codec.encode(straight), stored), `batch ${at}`).toBe(0)
    }
  })
})
