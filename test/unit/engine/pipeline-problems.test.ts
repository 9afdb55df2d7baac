import { describe, expect, it } from 'vitest'
import { minimal, problemsOf } from './parse-pipeline.ts'

const lines = (text: string) => problemsOf(text).map(({ where, message }) => `${where} ${message}`)

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
