import { describe, expect, it } from 'vitest'
import { pipelineOf, type PipelineFlags } from '../../../src/cli/settings.ts'
import { TasterError } from '../../../src/core/errors.ts'

const mail = new URL('../../../pipelines/mail.yaml', import.meta.url).pathname

async function problemsOf(flags: PipelineFlags): Promise<readonly string[]> {
  try {
    await pipelineOf(flags)
  } catch (error) {
    if (error instanceof TasterError) return error.problems.map(({ where, message }) => `${where}: ${message}`)
    throw error
  }
  return []
}

describe('flags', () => {
  it('describe a pipeline without a file', async () => {
    const pipeline = await pipelineOf({
      text: 'subject, body',
      label: 'spam',
      source: 'list',
      budget: '2 per 1,000 batches',
      granularity: 'record',
      batch: '20',
      seed: '7',
      trusted: ['/a.csv', '/b.csv'],
      format: 'csv',
    })
    expect(pipeline.content).toBe('text')
    expect(pipeline.input.fields).toEqual({
      text: ['subject', 'body'],
      label: 'spam',
      source: 'list',
      labelRequired: true,
    })
    expect(pipeline.budget).toEqual({ falseAlarms: 2, batches: 1000 })
    expect(pipeline.policy.granularity).toBe('record')
    expect(pipeline.input.batch.records).toBe(20)
    expect(pipeline.input.format).toBe('csv')
    expect(pipeline.baseline).toEqual({ path: null, digest: null, trusted: ['/a.csv', '/b.csv'], seed: 7 })
  })

  it.each([
    [{ text: 'a' }, 'text', { text: 'a' }],
    [{ vector: 'v' }, 'vector', { vector: 'v' }],
    [{ vector: 'x,y' }, 'vector', { vector: ['x', 'y'] }],
    [{ image: 'pixels:28x28' }, 'image', { image: { column: 'pixels', height: 28, width: 28, channels: 1 } }],
    [{ image: 'a:b:8x9x3' }, 'image', { image: { column: 'a:b', height: 8, width: 9, channels: 3 } }],
    [{ numeric: 'a,b' }, 'row', { row: { numeric: ['a', 'b'], category: [] } }],
    [{ numeric: 'a', category: 'c' }, 'row', { row: { numeric: ['a'], category: ['c'] } }],
  ] as const)('%j name content and an encoder that reads it', async (flags, content, fields) => {
    const pipeline = await pipelineOf(flags)
    expect(pipeline.content).toBe(content)
    expect(pipeline.input.fields).toEqual({ ...fields, labelRequired: true })
    expect(pipeline.detectors.length).toBeGreaterThan(0)
  })

  it('replace parts of a file', async () => {
    const pipeline = await pipelineOf({ pipeline: mail, label: 'group', budget: '1 per 500', baseline: '/b' })
    expect(pipeline.name).toBe('mail')
    expect(pipeline.input.fields.label).toBe('group')
    expect(pipeline.input.fields.text).toEqual(['subject', 'text'])
    expect(pipeline.budget).toEqual({ falseAlarms: 1, batches: 500 })
    expect(pipeline.baseline.path).toBe('/b')
  })

  it('that are wrong are all named', async () => {
    expect(
      await problemsOf({
        text: 'a',
        image: 'pixels',
        encoder: 'nope',
        detectors: 'x',
        batch: 'many',
        budget: 'low',
        granularity: 'file',
      }),
    ).toEqual([
      '--batch: input.batch.records is "many"',
      '--budget: budget.per is "low"',
      '--detectors: unknown detector "x"',
      '--encoder: unknown encoder "nope"',
      '--granularity: policy.granularity is "file"',
      '--image: input.fields.image is "pixels"',
      '--image: input.fields names text and image',
    ])
  })

  it('must name the content', async () => {
    const missing = ['--pipeline: neither a pipeline nor a flag names the content']
    expect(await problemsOf({})).toEqual(missing)
    expect(await problemsOf({ label: 'y' })).toEqual(missing)
  })
})
