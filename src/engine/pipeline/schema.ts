import { z } from 'zod'
import type { Detector } from '../../core/detector.ts'
import type { Encoder } from '../../core/encoder.ts'
import { defaultLimits } from '../decode/limits.ts'

/** The components a pipeline can name, by file name. */
export interface Registries {
  readonly encoders: ReadonlyMap<string, Encoder>
  readonly detectors: ReadonlyMap<string, Detector>
}

export const formats = ['ndjson', 'json', 'csv', 'tsv', 'parquet', 'arrow', 'arrows'] as const

const column = z.string().min(1).max(1000)
const oneOrMore = z.union([column, z.array(column).min(1)])

const fields = z
  .strictObject({
    id: column.optional().describe("column with the record's id; without it its place is the id"),
    source: column.optional().describe('column that says who the record came from: a sender, a vendor, a list'),
    time: column.optional().describe('column with the event time: epoch seconds or milliseconds, or RFC 3339'),
    label: column.optional().describe('column with the label'),
    labelRequired: z.boolean().default(true).describe('a record without a label is a dead letter'),
    text: oneOrMore.optional().describe('column, or list of columns joined in this order, with the text'),
    image: z
      .strictObject({
        column: column.describe('column with the pixels'),
        height: z.int().min(1).max(4096).describe('pixels'),
        width: z.int().min(1).max(4096).describe('pixels'),
        channels: z.int().min(1).max(4).default(1).describe('values a pixel'),
      })
      .optional()
      .describe('an image of 8-bit values, row by row'),
    vector: oneOrMore.optional().describe('column with a list of numbers, or list of numeric columns'),
    row: z
      .strictObject({
        numeric: z.array(column).default([]).describe('columns with numbers'),
        category: z.array(column).default([]).describe('columns with categories'),
      })
      .optional()
      .describe('a table: its numeric columns and its columns with categories'),
  })
  .describe('which column is what; exactly one of text, image, vector and row')
  .meta({ oneOf: ['text', 'image', 'vector', 'row'].map((kind) => ({ required: [kind] })) })

const topic = z
  .string()
  .regex(/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/)
  .describe('a topic: letters, digits, dots, hyphens and underscores')

const input = z.strictObject({
  topic: topic.optional().describe('topic that the records arrive on; files need none'),
  group: z.string().min(1).max(255).optional().describe('consumer group; without it taster-<name>'),
  from: z
    .enum(['earliest', 'latest'])
    .default('earliest')
    .describe('where a group without committed offsets begins to read the topic'),
  format: z.enum(formats).optional().describe('of the input; without it each file says so by its name'),
  fields,
  batch: z
    .strictObject({
      records: z.int().min(1).max(1_000_000).default(100).describe('records that get one verdict together'),
      lingerMs: z
        .int()
        .min(0)
        .max(3_600_000)
        .default(500)
        .describe('milliseconds that a batch waits for more records once the topic has been read to its end'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      recordBytes: z
        .int()
        .min(1)
        .max(2 ** 30)
        .default(defaultLimits.recordBytes)
        .describe('bytes of one record'),
      batchBytes: z
        .int()
        .min(1)
        .max(2 ** 32)
        .default(defaultLimits.batchBytes)
        .describe('bytes of one batch'),
      columns: z.int().min(1).max(1_000_000).default(defaultLimits.columns).describe('columns of one record'),
      depth: z.int().min(1).max(1000).default(defaultLimits.depth).describe('levels that JSON may be nested'),
      messageRows: z.int().min(1).max(100_000_000).default(defaultLimits.messageRows).describe('rows of one message'),
      inFlightBytes: z
        .int()
        .min(1)
        .max(2 ** 34)
        .default(64 * 2 ** 20)
        .describe('bytes read from a topic and not committed yet, over all partitions of a process'),
    })
    .describe('what exceeds these is a dead letter; a batch closes before it would')
    .prefault({}),
})

const baseline = z
  .strictObject({
    path: z.string().min(1).optional().describe('folder that taster baseline fit wrote; relative to this file'),
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .optional()
      .describe('digest that the baseline must have: sha256: and 64 hexadecimal digits'),
    trusted: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('file or files of approved records to fit from at start-up; relative to this file'),
    seed: z.int().min(0).default(1).describe('of every random choice of the fit'),
  })
  .prefault({})

const rest = {
  budget: z
    .strictObject({
      falseAlarms: z
        .number()
        .positive()
        .default(1)
        .describe('alarms on clean data that are acceptable in so many batches'),
      per: z
        .string()
        .regex(/^[1-9][0-9]{0,11} batches$/)
        .default('10000 batches')
        .describe('a whole number and the word batches, like 10000 batches'),
    })
    .prefault({}),
  policy: z
    .strictObject({
      onFinding: z
        .enum(['quarantine', 'observe'])
        .default('quarantine')
        .describe('observe lets records pass and only emits events'),
      granularity: z
        .enum(['batch', 'record'])
        .default('batch')
        .describe('whether a finding stops its whole batch, or the records that it suspects'),
      onError: z.enum(['quarantine']).default('quarantine').describe('a batch that could not be judged never passes'),
      deadlineSeconds: z
        .number()
        .min(0.1)
        .max(3600)
        .default(60)
        .describe('time to judge one batch; what takes longer is quarantined as unscored'),
    })
    .prefault({}),
  output: z
    .strictObject({
      clean: topic.optional().describe('topic for what passes; without it <input topic>.clean'),
      quarantine: topic.optional().describe('topic for what is held back; without it <input topic>.quarantine'),
      deadLetter: topic.optional().describe('topic for what cannot be read; without it <input topic>.dead-letter'),
      events: topic.optional().describe('topic for events; without it taster.events'),
      compression: z
        .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
        .default('none')
        .describe('of the messages that are written'),
      originHeaders: z
        .enum(['connect', 'spring'])
        .default('connect')
        .describe('how what is held back says where it came from: as Kafka Connect or as Spring writes it'),
      snapshotEvery: z
        .int()
        .min(1)
        .max(10_000_000)
        .optional()
        .describe(
          'messages of a partition between two snapshots of its evidence; without it 10,000, or more where they are large',
        ),
      state: topic.optional().describe('compacted topic for evidence; without it <input topic>.taster-state'),
    })
    .describe('topics; files need none')
    .prefault({}),
}

// A component that forgot to be strict would let a misspelt parameter pass in silence.
const strict = (params: z.ZodType): z.ZodType => (params instanceof z.ZodObject ? params.strict() : params)

type Component = Pick<Detector, 'params'> & { readonly about: { readonly title: string } }

function choice(components: ReadonlyMap<string, Component>) {
  return z.strictObject(
    Object.fromEntries(
      [...components].map(([name, component]) => [
        name,
        strict(component.params).optional().describe(component.about.title),
      ]),
    ),
  )
}

/** The schema of a pipeline file, with the parameters of every component that there is. */
export function pipelineSchema(registries: Registries) {
  return z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .describe("the pipeline's name: lower-case letters, digits and hyphens"),
    input,
    verify: z
      .strictObject({
        sources: z.array(z.string()).min(1).optional().describe('the only sources that records may come from'),
        uniqueIds: z.boolean().default(false).describe('a record whose id came before is a dead letter'),
      })
      .prefault({}),
    encoder: choice(registries.encoders)
      .describe('exactly one encoder and its parameters')
      .meta({ minProperties: 1, maxProperties: 1 }),
    baseline,
    detectors: choice(registries.detectors)
      .optional()
      .describe('detectors and their parameters; without it every detector that can read the input')
      .meta({ minProperties: 1 }),
    ...rest,
  })
}

/** What a valid file says, defaults filled in. */
export type Configuration = z.infer<ReturnType<typeof pipelineSchema>>

export function jsonSchema(registries: Registries): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(pipelineSchema(registries), { io: 'input', target: 'draft-7', unrepresentable: 'any' })
}
