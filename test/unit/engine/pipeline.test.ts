import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TasterError } from '../../../src/core/errors.ts'
import type { Detector } from '../../../src/core/detector.ts'
import type { Encoder } from '../../../src/core/encoder.ts'
import { effective, parsePipeline, type Registries, type Setting } from '../../../src/engine/pipeline.ts'
import { fieldsOf } from '../../../src/engine/setup.ts'

const unused = () => {
  throw new Error('a pipeline is read without running its components')
}
const codec = { encode: unused, decode: unused }

function encoder(content: Encoder['content'], params: z.ZodType): Encoder {
  const about = { title: `an encoder of ${content}`, references: [] }
  return { about, content, asset: null, params, fit: unused, codec, encode: unused, features: unused, nameOf: unused }
}

function detector(content: Detector['needs']['content'], labels: boolean, params: z.ZodType): Detector {
  const about = {
    title: 'a detector',
    family: 'label' as const,
    catches: '',
    misses: '',
    references: ['none'] as const,
  }
  const needs = { content, labels, trustedPerLabel: 1 }
  const memory = { empty: unused, merge: unused, codec }
  return {
    about,
    needs,
    resample: null,
    params,
    fit: unused,
    codec,
    memory,
    measure: unused,
    explain: unused,
    proof: [],
  }
}

const registries: Registries = {
  encoders: new Map([
    ['words', encoder('text', z.strictObject({ dims: z.int().min(1).default(100).describe('dimensions') }))],
    ['letters', encoder('text', z.strictObject({}))],
    ['pixels', encoder('image', z.strictObject({}))],
    // forgot to be strict
    ['numbers', encoder('vector', z.object({ scale: z.boolean().default(true) }))],
  ]),
  detectors: new Map([
    ['disagreement', detector(['text', 'vector'], true, z.strictObject({ neighbours: z.int().min(1).default(10) }))],
    ['flood', detector(['text'], false, z.strictObject({}))],
  ]),
}

const minimal = 'name: mail\ninput: { fields: { text: body } }\nencoder: { words: {} }\n'
const parse = (text: string, settings: readonly Setting[] = []) =>
  parsePipeline(text, 'folder/mail.yaml', registries, settings)

function problemsOf(text: string, settings: readonly Setting[] = []) {
  try {
    parse(text, settings)
  } catch (error) {
    if (error instanceof TasterError && error.code === 'CONFIG_INVALID') return error.problems
    throw error
  }
  return []
}

const lines = (text: string) => problemsOf(text).map(({ where, message }) => `${where} ${message}`)

describe('a valid pipeline', () => {
  it('is filled with defaults', () => {
    const pipeline = parse(minimal)
    expect(pipeline.encoder).toEqual({ name: 'words', params: { dims: 100 } })
    expect(pipeline.budget).toEqual({ falseAlarms: 1, batches: 10_000 })
    expect(pipeline.policy).toEqual({ onFinding: 'quarantine', granularity: 'batch', onError: 'quarantine' })
    expect(pipeline.input.batch.records).toBe(100)
    expect(pipeline.baseline).toEqual({ path: null, digest: null, trusted: [], seed: 1 })
    expect(pipeline.verify).toEqual({ sources: null, uniqueIds: false })
  })

  it('has every detector that can read the input where it names none', () => {
    expect(parse(minimal).detectors.map(({ name }) => name)).toEqual(['flood'])
    expect(parse(minimal.replace('body', 'body, label: y')).detectors).toEqual([
      { name: 'disagreement', params: { neighbours: 10 } },
      { name: 'flood', params: {} },
    ])
  })

  it('tells decode which columns are what', () => {
    const fields = (written: string, encode: string) =>
      fieldsOf(parse(`name: a\ninput: { fields: ${written} }\nencoder: { ${encode}: {} }`))
    expect(fields('{ text: [a, b], label: y, labelRequired: false }', 'words')).toEqual({
      label: 'y',
      labelRequired: false,
      content: { kind: 'text', columns: ['a', 'b'] },
    })
    expect(fields('{ vector: v, id: i, source: s, time: t }', 'numbers')).toEqual({
      id: 'i',
      source: 's',
      time: 't',
      labelRequired: false, // there is no column to require
      content: { kind: 'vector', column: 'v' },
    })
    expect(fields('{ vector: [a, b] }', 'numbers').content).toEqual({ kind: 'vector', columns: ['a', 'b'] })
    expect(fields('{ image: { column: p, height: 2, width: 3 } }', 'pixels').content).toEqual({
      kind: 'image',
      column: 'p',
      height: 2,
      width: 3,
      channels: 1,
    })
  })

  it('finds files from its own folder', () => {
    const { baseline } = parse(`${minimal}baseline: { trusted: [a.csv, /b.csv] }`)
    expect(baseline.trusted[0]).toMatch(/^\/.*\/folder\/a\.csv$/)
    expect(baseline.trusted[1]).toBe('/b.csv')
  })

  it('printed and read again is the same', () => {
    const pipeline = parse(
      `${minimal}verify: { uniqueIds: false }\nbudget: { per: 1000 batches }\nbaseline: { path: /b }`,
    )
    expect(parse(effective(pipeline))).toEqual(pipeline)
  })

  it('is changed by settings, which say where their faults are', () => {
    const records = (value: unknown): Setting => ({ path: ['input', 'batch', 'records'], value, where: '--batch' })
    expect(parse(minimal, [records(7)]).input.batch.records).toBe(7)
    expect(problemsOf(minimal, [records('many')])).toEqual([
      expect.objectContaining({ where: '--batch', message: 'input.batch.records is "many"' }),
    ])
  })
})

describe('an invalid pipeline', () => {
  it('has all its problems listed in order, each with its place', () => {
    const text = [
      'nme: mail',
      'input:',
      '  fields:',
      '    text: [subject, 5]',
      '    lable: y',
      '  batch: { records: 0 }',
      'encoder: { wrds: {} }',
      'budget: { per: 10000 }',
      'policy: { onFinding: ignore }',
    ].join('\n')
    expect(lines(text)).toEqual([
      'folder/mail.yaml:1:1 name is missing',
      'folder/mail.yaml:1:1 unknown key "nme"',
      'folder/mail.yaml:4:21 input.fields.text.1 is 5',
      'folder/mail.yaml:5:5 unknown key "lable" in input.fields',
      'folder/mail.yaml:6:12 input.batch.records is 0',
      'folder/mail.yaml:7:12 unknown encoder "wrds"',
      'folder/mail.yaml:8:11 budget.per is 10000',
      'folder/mail.yaml:9:11 policy.onFinding is "ignore"',
    ])
  })

  it('says what would be right', () => {
    const remedy = (text: string) => problemsOf(minimal + text)[0]?.remedy
    expect(remedy('budgt: {}')).toContain('did you mean budget?')
    expect(remedy('input.x: 1')).toContain('there are: name, input')
    expect(remedy('policy: { granularity: row }')).toContain('batch or record')
    expect(remedy('budget: { falseAlarms: none }')).toContain('a number above 0')
    expect(remedy('detectors: { flod: {} }')).toContain('did you mean flood?')
    expect(remedy('verify: { uniqueIds: yes }')).toContain('true or false')
  })

  it.each([
    ['no content', 'name: a\ninput: { fields: { label: y } }\nencoder: { words: {} }', 'input.fields names no content'],
    ['two contents', minimal.replace('body', 'a, vector: v'), 'input.fields names text and vector'],
    ['two encoders', minimal.replace('words: {}', 'words: {}, letters: {}'), 'encoder names words and letters'],
    ['no encoder', minimal.replace('words: {}', ''), 'encoder names none'],
    [
      'an encoder of other content',
      minimal.replace('words', 'pixels'),
      'encoder pixels reads image, and input.fields names text',
    ],
    ['no detectors', `${minimal}detectors: {}`, 'detectors names none'],
    [
      'labels that are not there',
      `${minimal}detectors: { disagreement: {} }`,
      'detector disagreement needs labels, and input.fields.label is not set',
    ],
    ['two baselines', `${minimal}baseline: { path: a, trusted: b }`, 'baseline names both path and trusted'],
    [
      'sources of no column',
      `${minimal}verify: { sources: [a] }`,
      'verify.sources is set, and input.fields.source is not',
    ],
    [
      'ids of no column',
      `${minimal}verify: { uniqueIds: true }`,
      'verify.uniqueIds is set, and input.fields.id is not',
    ],
    [
      'a budget of everything',
      `${minimal}budget: { falseAlarms: 9, per: 9 batches }`,
      'a budget of 9 false alarms in 9 batches allows one in every batch',
    ],
    [
      'a parameter of a lax component',
      'name: a\ninput: { fields: { vector: v } }\nencoder: { numbers: { scal: true } }',
      'unknown key "scal" in encoder.numbers',
    ],
  ])('%s', (_, text, message) => {
    expect(problemsOf(text).map((problem) => problem.message)).toEqual([message])
  })

  it.each([
    ['nothing', '', 'the pipeline is empty'],
    ['a list', '- a', 'the pipeline is a list'],
    [
      'an open bracket',
      'a: [1\nb: 2',
      'Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a key twice', `${minimal}name: b`, 'Map keys must be unique'],
    ['an alias of nothing', `${minimal}verify: *x`, 'alias *x has no anchor'],
    ['a tag', 'name: !!js/function x', 'Unresolved tag: tag:yaml.org,2002:js/function'],
    [
      'two documents',
      `${minimal}---\n${minimal}`,
      'Source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
    ['brackets without end', '['.repeat(100_000), 'the file is nested more than 100 levels deep'],
    ['a megabyte', '#'.repeat(1_000_001), 'the file is larger than 1 MB'],
  ])('of %s is refused', (_, text, message) => {
    expect(problemsOf(text).map((problem) => problem.message)).toContain(message)
  })

  it('of aliases that multiply is refused', () => {
    const tenfold = (name: string, of: string) => `${name}: &${name} [${Array.from({ length: 10 }, () => of).join()}]`
    const bomb = [tenfold('a', 'x'), tenfold('b', '*a'), tenfold('c', '*b'), tenfold('d', '*c')].join('\n')
    expect(problemsOf(bomb).map(({ remedy }) => remedy)).toEqual(['use fewer aliases'])
  })

  it('cannot reach the prototype', () => {
    const written = `${minimal}__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }`
    expect(problemsOf(written).map(({ message }) => message)).toEqual([
      'unknown key "__proto__"',
      'unknown key "constructor"',
    ])
    expect({}).not.toHaveProperty('polluted')
  })
})
