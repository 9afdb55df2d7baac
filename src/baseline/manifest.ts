import { z } from 'zod'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const rate = z.strictObject({ alarms: z.int(), trials: z.int(), lower: z.number(), upper: z.number() })

/** baseline.json of an artifact: what it was made from, how it was calibrated, and the digest of every part beside it. */
export const manifestSchema = z.strictObject({
  format: z.literal('taster-baseline/1'),
  engine: z.string(), // version of Taster that fitted it
  seed: z.int(),
  content: z.enum(['text', 'image', 'row', 'vector']),
  encoder: z.strictObject({ name: z.string(), params: z.unknown(), dims: z.int(), assets: digest.nullable() }),
  labels: z.array(z.string()),
  rows: z.array(
    z.strictObject({ label: z.string().nullable(), reference: z.int(), calibration: z.int(), validation: z.int() }),
  ),
  duplicates: z.int(), // trusted records whose content another trusted record has too
  sources: z.array(z.string()),
  detectors: z.array(
    z.strictObject({
      name: z.string(),
      params: z.unknown(),
      // false alarms on the untouched validation split at this alpha, with the exact binomial 95 % interval
      realised: z.array(z.strictObject({ alpha: z.number(), unit: z.enum(['records', 'batches']), ...rate.shape })),
    }),
  ),
  off: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  warnings: z.array(z.string()),
  parts: z.array(z.strictObject({ path: z.string(), bytes: z.int(), digest })),
})

export type Manifest = z.infer<typeof manifestSchema>
