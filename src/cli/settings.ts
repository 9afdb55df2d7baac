import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { loadDetectors, loadEncoders } from '../baseline/registry.ts'
import { loadBaseline } from '../baseline/store.ts'
import { TasterError } from '../core/errors.ts'
import { formats, parsePipeline, type Pipeline, type Registries, type Setting } from '../engine/pipeline.ts'

/** Flags that say what a pipeline file says; together with one they replace parts of it. */
export interface PipelineFlags {
  readonly pipeline?: string
  readonly text?: string
  readonly label?: string
  readonly unlabelled?: boolean
  readonly id?: string
  readonly source?: string
  readonly time?: string
  readonly vector?: string
  readonly image?: string
  readonly numeric?: string
  readonly category?: string
  readonly encoder?: string
  readonly detectors?: string
  readonly format?: string
  readonly trusted?: readonly string[]
  readonly baseline?: string
  readonly budget?: string
  readonly granularity?: string
  readonly batch?: string
  readonly seed?: string
}

const also = (value: string, before: readonly string[] = []) => [...before, value]

/** Adds the flags that describe the input. */
export function inputFlags(command: Command): Command {
  return command
    .optionsGroup('What the input is (or --pipeline):')
    .option('-p, --pipeline <file>', 'pipeline YAML; other flags replace parts of it')
    .option('--text <columns>', 'text: one column, or several joined, as in subject,body')
    .option('--vector <columns>', 'embedding: a list column, or several numeric columns')
    .option('--image <column:HxWxC>', '8-bit pixels, as in pixels:28x28x1')
    .option('--numeric <columns>', 'table: numeric columns')
    .option('--category <columns>', 'table: columns with categories')
    .option('--label <column>', 'the label')
    .option('--unlabelled', 'let records without a label through; otherwise they are dead letters')
    .option('--id <column>', "the record's id")
    .option('--source <column>', 'who the record comes from')
    .option('--time <column>', 'event time')
    .option('--format <format>', `${formats.join(', ')}; otherwise files say so by their names`)
    .option('--encoder <name>', 'how content becomes vectors; otherwise the first that reads the content')
    .option('--detectors <names>', 'comma separated; otherwise all that can read the input')
}

/** Adds the flags that say what trusted data to judge by. */
export function trustFlags(command: Command): Command {
  return command
    .optionsGroup('What to judge by (one of):')
    .option('-b, --baseline <folder>', 'baseline that taster baseline fit wrote')
    .option('-t, --trusted <path>', 'approved records to fit a baseline from first; may be repeated', also)
}

const list = (value: string) => value.split(',').map((name) => name.trim())

function image(value: string): unknown {
  const [, column, height, width, channels] = /^(.+):(\d+)x(\d+)(?:x(\d+))?$/.exec(value) ?? []
  return column === undefined
    ? value
    : { column, height: Number(height), width: Number(width), channels: Number(channels ?? 1) }
}

function budget(value: string): { falseAlarms: unknown; per: unknown } {
  const [, alarms, batches] = /^([\d.]+) *(?:per|in) *([\d_,]+)(?: batches)?$/.exec(value) ?? []
  return batches === undefined
    ? { falseAlarms: 1, per: value }
    : { falseAlarms: Number(alarms), per: `${batches.replaceAll(/[_,]/g, '')} batches` }
}

const number = (value: string): unknown => (value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value))

const contentOf = (settings: readonly Setting[]) =>
  settings.map(({ path }) => path[2] ?? '').find((name) => ['text', 'vector', 'image', 'row'].includes(name))

function settingsOf(flags: PipelineFlags, registries: Registries): Setting[] {
  const settings: Setting[] = []
  const set = (where: string, path: Setting['path'], value: unknown) => settings.push({ path, value, where })
  const given = <T>(value: T | undefined, use: (value: T) => void) => {
    if (value !== undefined) use(value)
  }
  const field = (flag: string, name: string, value: unknown) => set(flag, ['input', 'fields', name], value)

  if (flags.pipeline === undefined) set('--pipeline', ['name'], 'inspect')
  const one = (columns: string) => (columns.includes(',') ? list(columns) : columns)
  given(flags.text, (value) => field('--text', 'text', one(value)))
  given(flags.vector, (value) => field('--vector', 'vector', one(value)))
  given(flags.image, (value) => field('--image', 'image', image(value)))
  if (flags.numeric !== undefined || flags.category !== undefined)
    field(flags.numeric === undefined ? '--category' : '--numeric', 'row', {
      numeric: list(flags.numeric ?? '').filter((name) => name !== ''),
      category: list(flags.category ?? '').filter((name) => name !== ''),
    })
  for (const name of ['label', 'id', 'source', 'time'] as const)
    given(flags[name], (value) => field(`--${name}`, name, value))
  if (flags.unlabelled === true) field('--unlabelled', 'labelRequired', false)
  given(flags.format, (value) => set('--format', ['input', 'format'], value))
  given(flags.batch, (value) => set('--batch', ['input', 'batch', 'records'], number(value)))
  given(flags.encoder, (value) => set('--encoder', ['encoder'], { [value]: {} }))
  given(flags.detectors, (value) =>
    set('--detectors', ['detectors'], Object.fromEntries(list(value).map((name) => [name, {}]))),
  )
  given(flags.budget, (value) => set('--budget', ['budget'], budget(value)))
  given(flags.granularity, (value) => set('--granularity', ['policy', 'granularity'], value))
  given(flags.seed, (value) => set('--seed', ['baseline', 'seed'], number(value)))
  if (flags.baseline !== undefined || flags.trusted !== undefined) {
    // what a flag names replaces whatever the file judges by
    for (const key of ['path', 'digest', 'trusted']) set(`the file's baseline.${key}`, ['baseline', key], undefined)
    given(flags.baseline, (value) => set('--baseline', ['baseline', 'path'], resolve(value)))
    given(flags.trusted, (value) =>
      set(
        '--trusted',
        ['baseline', 'trusted'],
        value.map((path) => resolve(path)),
      ),
    )
  }

  const kind = contentOf(settings)
  const [first] = [...registries.encoders].filter(([, encoder]) => encoder.content === kind)
  if (
    flags.pipeline === undefined &&
    flags.encoder === undefined &&
    flags.baseline === undefined &&
    first !== undefined
  )
    set('--encoder', ['encoder'], { [first[0]]: {} })
  return settings
}

/** Where neither a file nor a flag names encoder and detectors, they are those that the baseline was fitted with. */
async function adopted({ pipeline, baseline, encoder, detectors }: PipelineFlags): Promise<Setting[]> {
  if (pipeline !== undefined || baseline === undefined) return []
  const { manifest } = await loadBaseline(baseline)
  const settings: Setting[] = []
  const adopt = (path: Setting['path'], value: unknown) => settings.push({ path, value, where: '--baseline' })
  if (encoder === undefined) adopt(['encoder'], { [manifest.encoder.name]: manifest.encoder.params })
  if (detectors === undefined)
    adopt(['detectors'], Object.fromEntries(manifest.detectors.map(({ name, params }) => [name, params])))
  return settings
}

export async function loadRegistries(): Promise<Registries> {
  const [encoders, detectors] = await Promise.all([loadEncoders(), loadDetectors()])
  return { encoders, detectors }
}

/** Reads a pipeline file. Throws CONFIG_NOT_FOUND. */
export async function readPipeline(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new TasterError('CONFIG_NOT_FOUND', `There is no pipeline to read at ${file}: give the path of a YAML file`, {
      cause: error,
    })
  }
}

/** The pipeline that flags describe, with or without a file. Throws CONFIG_INVALID with every problem. */
export async function pipelineOf(flags: PipelineFlags): Promise<Pipeline> {
  const registries = await loadRegistries()
  const settings = settingsOf(flags, registries)
  if (flags.pipeline !== undefined)
    return parsePipeline(await readPipeline(flags.pipeline), flags.pipeline, registries, settings)
  if (contentOf(settings) === undefined)
    throw new TasterError('CONFIG_INVALID', 'Nothing says which columns hold the content', {
      problems: [
        {
          where: '--pipeline',
          message: 'neither a pipeline nor a flag names the content',
          remedy: 'give --pipeline <file>, or one of --text, --vector, --image, --numeric, --category',
        },
      ],
    })
  return parsePipeline('', 'the command line', registries, [...settings, ...(await adopted(flags))])
}
