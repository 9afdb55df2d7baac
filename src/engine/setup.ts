import { createHash } from 'node:crypto'
import type { Baseline } from '../baseline/baseline.ts'
import type { ContentFields, Fields } from './decode/fields.ts'
import type { Setup } from './line.ts'
import { contentTypes } from './decode/content-type.ts'
import type { Messages } from './decode/recognise.ts'
import type { formats, Pipeline } from './pipeline.ts'

function contentFields({ content, input: { fields } }: Pipeline): ContentFields {
  const { text, image, vector, row } = fields
  if (content === 'text' && text !== undefined) return { kind: 'text', columns: [text].flat() }
  if (content === 'image' && image !== undefined) return { kind: 'image', ...image }
  if (content === 'row' && row !== undefined) return { kind: 'row', ...row }
  return typeof vector === 'string' ? { kind: 'vector', column: vector } : { kind: 'vector', columns: vector ?? [] }
}

/** Which columns of the input make up a record. */
export function fieldsOf(pipeline: Pipeline): Fields {
  const { id, source, time, label, labelRequired } = pipeline.input.fields
  return {
    ...(id === undefined ? {} : { id }),
    ...(source === undefined ? {} : { source }),
    ...(time === undefined ? {} : { time }),
    ...(label === undefined ? {} : { label }),
    labelRequired: labelRequired && label !== undefined,
    content: contentFields(pipeline),
  }
}

// Of messages that name no content type. Parquet has no stream, so that such messages are dead letters which say so.
const contentTypeOfFormat: { readonly [format in (typeof formats)[number]]: string } = {
  ndjson: contentTypes.lines,
  json: contentTypes.json,
  csv: contentTypes.csv,
  tsv: contentTypes.tabs,
  arrow: contentTypes.arrow,
  arrows: contentTypes.arrow,
  parquet: 'application/vnd.apache.parquet',
}

/** How the values of this pipeline's topic are read. */
function messagesOf({ input: { format } }: Pipeline): Messages {
  return format === undefined ? {} : { contentType: contentTypeOfFormat[format] }
}

/** What the line of this pipeline needs, beside a source and a judge, where its records come from files or on a topic. */
export function setupOf(
  pipeline: Pipeline,
  baseline: Pick<Baseline, 'digest' | 'manifest'>,
  engine: string,
  from: 'files' | 'topic' = 'files',
): Setup {
  const fields = { ...fieldsOf(pipeline), ...(from === 'topic' && { messages: messagesOf(pipeline) }) }
  const { vectorLength } = baseline.manifest
  const content =
    fields.content.kind === 'vector' && 'column' in fields.content && vectorLength !== undefined
      ? { ...fields.content, dims: vectorLength }
      : fields.content
  const { name, input, verify, policy, budget } = pipeline
  const { fields: columns, format = null, batch, limits } = input
  const { onFinding, granularity, onError } = policy
  const deciding = JSON.stringify({
    input: { columns, format, records: batch.records, limits: { ...limits, inFlightBytes: 0 } },
    verify,
    policy: { onFinding, granularity, onError },
    budget,
  })
  return {
    pipeline: name,
    fields: { ...fields, content },
    limits: input.limits,
    verify: { uniqueIds: verify.uniqueIds, ...(verify.sources !== null && { sources: verify.sources }) },
    policy,
    policyDigest: createHash('sha256').update(deciding).digest('hex'),
    baselineDigest: baseline.digest,
    engine,
  }
}
