import { z } from 'zod'
import { pack } from '../../../src/core/codec.ts'
import type { Detector } from '../../../src/core/detector.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import type { Measurement } from '../../../src/core/measurement.ts'

const codec = { encode: () => pack({ json: null, arrays: {} }), decode: () => null }

/** A detector that measures what it is told to. */
export function probe(measure: (batch: Encoded) => Measurement[], resample: Detector['resample'] = null): Detector {
  return {
    about: { title: 'Probe', family: 'label', catches: '-', misses: '-', references: ['-'] },
    needs: { content: ['vector'], labels: true, trustedPerLabel: 1 },
    resample,
    params: z.strictObject({}),
    fit: () => null,
    codec,
    memory: { empty: () => null, merge: () => null, codec },
    measure: (batch) => ({ measurements: measure(batch), memory: null }),
    explain: () => ({ summary: '-', suspects: [], facts: {} }),
    proof: [],
  }
}
