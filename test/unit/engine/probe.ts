import { z } from 'zod'
import type { Detector } from '../../../src/core/detector.ts'

const codec = { encode: () => new Uint8Array(), decode: () => null }
/** A detector that measures nothing: what it would have measured is given to what is tested. */
export const probe: Detector = {
  about: { title: 'Probe', family: 'label', catches: '-', misses: '-', references: ['-'] },
  needs: { content: ['text'], labels: true, trustedPerLabel: 1 },
  resample: null,
  params: z.unknown(),
  fit: () => null,
  codec,
  memory: { empty: () => null, merge: () => null, codec },
  measure: () => ({ measurements: [], memory: null }),
  explain: () => ({ summary: '-', suspects: [], facts: {} }),
  proof: [],
}
