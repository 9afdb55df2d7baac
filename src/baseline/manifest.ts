import { z } from 'zod'

const componentName = z.string().regex(/^[a-z0-9-]{1,64}$/)
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

/** False alarms of a detector on the validation split at one alpha, with the exact binomial 95 % interval of their rate. */
const realised = z.strictObject({
  alpha: z.number(),
  unit: z.enum(['records', 'batches']),
  records: z.int(), // in one trial
  alarms: z.int(),
  trials: z.int(),
  lower: z.number(),
  upper: z.number(),
})

/** What a detector's numbers are compared with: how many values, and where their upper tail begins. */
const calibrated = z.strictObject({
  label: z.string().nullable(), // null: all records
  size: z.int().nullable(), // records of a statistic; null: a score of one record
  values: z.int(), // 0: too few, not tested
  q95: z.number().nullable(),
  q99: z.number().nullable(),
})

/** baseline.json of an artifact: what it was made from, how it was calibrated, and the digest of every part beside it. */
export const manifestSchema = z.strictObject({
  format: z.literal('taster-baseline/1'),
  engine: z.string(), // version of Taster that fitted it
  seed: z.int(),
  content: z.enum(['text', 'image', 'row', 'vector']),
  encoder: z.strictObject({ name: componentName, params: z.unknown(), dims: z.int(), assets: digest.nullable() }),
  columns: z.strictObject({ numeric: z.array(z.string()), category: z.array(z.string()) }).optional(), // of row content
  vectorLength: z.int().min(1).optional(), // of vector content
  labels: z.array(z.string()),
  rows: z.array(
    z.strictObject({ label: z.string().nullable(), reference: z.int(), calibration: z.int(), validation: z.int() }),
  ),
  neighbours: z.int(), // distinct reference records that neighbours are looked up among
  duplicates: z.int(), // trusted records whose content another trusted record has too
  sources: z.array(z.string()),
  detectors: z.array(
    z.strictObject({
      name: componentName,
      params: z.unknown(),
      calibration: z.array(calibrated),
      realised: z.array(realised),
    }),
  ),
  off: z.array(z.strictObject({ name: componentName, reason: z.string() })),
  warnings: z.array(z.string()),
  parts: z.array(z.strictObject({ path: z.string(), bytes: z.int(), digest })),
})

export type Manifest = z.infer<typeof manifestSchema>
export type Realised = z.infer<typeof realised>
export type Calibrated = z.infer<typeof calibrated>
