import { createHash } from 'node:crypto'
import type { Baseline } from '../baseline/baseline.ts'
import type { ContentFields, Fields } from './decode/fields.ts'
import type { Setup } from './line.ts'
import type { Pipeline } from './pipeline.ts'

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

/** What the line of this pipeline needs, beside a source and a judge. */
export function setupOf(pipeline: Pipeline, baseline: Pick<Baseline, 'digest' | 'manifest'>, engine: string): Setup {
  const fields = fieldsOf(pipeline)
  const { vectorLength } = baseline.manifest
  const content =
    fields.content.kind === 'vector' && 'column' in fields.content && vectorLength !== undefined
      ? { ...fields.content, dims: vectorLength }
      : fields.content
  const { name, input, verify, policy, budget } = pipeline
  const deciding = JSON.stringify({ input: { ...input, topic: null }, verify, policy, budget })
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
