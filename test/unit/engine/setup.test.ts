import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/engine/decode.ts'
import { formats } from '../../../src/engine/pipeline.ts'
import { setupOf } from '../../../src/engine/setup.ts'
import { message } from './decode-messages.ts'
import { minimal, parse } from './parse-pipeline.ts'

const baseline = { digest: 'sha256:0', manifest: {} as never }
const setup = (written: string, from?: 'files' | 'topic') => setupOf(parse(written), baseline, '1', from)
const formatted = (format: string) => minimal.replace('input: {', `input: { format: ${format},`)

describe('setupOf', () => {
  it('lets messages of a topic hold many rows, and values of files one', () => {
    const value = message('[{"body":"a"},{"body":"b"}]', [])
    expect(decode([value], setup(minimal, 'topic').fields).id).toEqual(['in:0:0#0', 'in:0:0#1'])
    expect(decode([value], setup(minimal).fields).id).toEqual([])
    expect(setup(minimal, 'files')).toEqual(setup(minimal))
  })

  it('says by its format how messages without a content type are read', () => {
    const types = formats.map((format) => setup(formatted(format), 'topic').fields.messages?.contentType)
    expect(types).toEqual([
      'application/x-ndjson',
      'application/json',
      'text/csv',
      'text/tab-separated-values',
      'application/vnd.apache.parquet',
      'application/vnd.apache.arrow.stream',
      'application/vnd.apache.arrow.stream',
    ])
    expect(setup(minimal, 'topic').fields.messages).toEqual({})
    const csv = decode([message('body\na\nb', [])], setup(formatted('csv'), 'topic').fields)
    expect(csv.content).toEqual({ kind: 'text', text: ['a', 'b'] })
  })

  it('has a policy digest of what decides, and of nothing else', () => {
    const digest = (written: string) => setup(written, 'topic').policyDigest
    const same = digest(minimal)
    expect(digest(minimal.replace('name: mail', 'name: other'))).toBe(same)
    expect(digest(minimal.replace('input: {', 'input: { topic: t, group: g,'))).toBe(same)
    expect(digest(`${minimal}output: { originHeaders: spring, compression: gzip }\n`)).toBe(same)
    expect(digest(formatted('csv'))).not.toBe(same)
    expect(digest(`${minimal}policy: { granularity: record }\n`)).not.toBe(same)
    expect(digest(`${minimal}budget: { falseAlarms: 2 }\n`)).not.toBe(same)
  })
})
