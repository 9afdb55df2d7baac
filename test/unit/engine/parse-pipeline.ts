import { z } from 'zod'
import { TasterError } from '../../../src/core/errors.ts'
import type { Detector } from '../../../src/core/detector.ts'
import type { Encoder } from '../../../src/core/encoder.ts'
import { parsePipeline, type Registries, type Setting } from '../../../src/engine/pipeline.ts'

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

export const minimal = 'name: mail\ninput: { fields: { text: body } }\nencoder: { words: {} }\n'
export const parse = (text: string, settings: readonly Setting[] = []) =>
  parsePipeline(text, 'folder/mail.yaml', registries, settings)

export function problemsOf(text: string, settings: readonly Setting[] = []) {
  try {
    parse(text, settings)
  } catch (error) {
    if (error instanceof TasterError && error.code === 'CONFIG_INVALID') return error.problems
    throw error
  }
  return []
}
