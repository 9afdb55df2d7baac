import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { loadBaseline } from '../baseline/store.ts'
import { TasterError } from '../core/errors.ts'
import {
  configurationOf,
  effective,
  jsonSchema,
  parsePipeline,
  type Pipeline,
  type Registries,
} from '../engine/pipeline.ts'
import { mustSuit } from '../engine/pipeline/suits.ts'
import { topicsOf, type Topics } from '../engine/pipeline/topics.ts'
import { mustBeDistinct } from './distinct.ts'
import { describeFailure, failureDocument } from './failure.ts'
import { loadRegistries, readPipeline } from './settings.ts'
import { coloursFor } from './terminal.ts'

interface CheckFlags {
  readonly json?: boolean
  readonly writeSchema?: string
}

interface Checked {
  readonly file: string
  readonly pipeline?: Pipeline
  readonly topics?: Topics // where it names one to read
  readonly failure?: TasterError
}

const help = `
Those that read topics must be able to run side by side, too.

Exit code: 0 every pipeline is valid, 2 otherwise.

Examples:
  $ taster check pipelines/mail.yaml
  $ taster check pipelines/*.yaml --json
  $ taster check --write-schema pipelines/pipeline.schema.json
      editors complete and check pipelines with it`

async function check(file: string, registries: Registries): Promise<Checked> {
  try {
    const pipeline = parsePipeline(await readPipeline(file), file, registries)
    const { path, digest } = pipeline.baseline
    if (path !== null) {
      const { manifest } = await loadBaseline(path, digest === null ? {} : { expectDigest: digest })
      mustSuit(pipeline, manifest, path)
    }
    return { file, pipeline, ...(pipeline.input.topic !== undefined && { topics: topicsOf(pipeline) }) }
  } catch (error) {
    if (error instanceof TasterError) return { file, failure: error }
    throw error
  }
}

/** Why those that run on topics cannot run side by side. */
function clashOf(all: readonly Checked[]): TasterError | null {
  try {
    mustBeDistinct(all.flatMap(({ file, pipeline, topics }) => (pipeline && topics ? [{ file, pipeline }] : [])))
    return null
  } catch (error) {
    if (error instanceof TasterError) return error
    throw error
  }
}

/** Written as it is committed: stable from run to run, with a last newline. */
export const schemaText = (registries: Registries): string =>
  `${JSON.stringify({ title: 'Taster pipeline', ...jsonSchema(registries) }, null, 2)}\n`

async function writeSchema(file: string, registries: Registries): Promise<void> {
  try {
    await writeFile(file, schemaText(registries))
  } catch (error) {
    throw new TasterError('OUTPUT_FAILED', `The schema cannot be written to ${file}: ${String(error)}`, {
      cause: error,
    })
  }
  process.stderr.write(`${file} written\n`)
}

function tell(checked: Checked): void {
  const { green, bold } = coloursFor(process.stderr)
  if (checked.failure !== undefined) process.stderr.write(`${describeFailure(checked.failure, process.stderr)}\n`)
  if (checked.pipeline === undefined) return
  process.stderr.write(`${green(bold('valid'))} ${checked.file}; with its defaults it says:\n`)
  process.stdout.write(`# ${checked.file}\n${effective(checked.pipeline)}`)
  if (checked.topics === undefined) return
  // as comments, so that the output stays a pipeline file
  const { group, ...topics } = checked.topics
  const lines = Object.entries(topics).map(([use, topic]) => `# ${`${use}:`.padEnd(12)}${topic}\n`)
  process.stdout.write(`# On Kafka, as group ${group}, with these topics:\n${lines.join('')}`)
}

async function run(files: readonly string[], flags: CheckFlags): Promise<void> {
  if (files.length === 0 && flags.writeSchema === undefined)
    throw new TasterError('CONFIG_INVALID', 'There is nothing to check', {
      problems: [{ where: 'pipelines', message: 'no pipeline is named', remedy: 'taster check pipelines/mail.yaml' }],
    })
  const registries = await loadRegistries()
  if (flags.writeSchema !== undefined) await writeSchema(flags.writeSchema, registries)
  const all: Checked[] = []
  for (const file of files) all.push(await check(file, registries))
  const clash = clashOf(all)
  if (flags.json === true) {
    const pipelines = all.map(({ file, pipeline, topics, failure }) => ({
      file,
      valid: pipeline !== undefined,
      ...(pipeline && { configuration: configurationOf(pipeline) }),
      ...(topics && { topics }),
      ...(failure && failureDocument(failure)),
    }))
    process.stdout.write(`${JSON.stringify({ pipelines, ...(clash && failureDocument(clash)) }, null, 2)}\n`)
  } else {
    all.forEach(tell)
    if (clash !== null) process.stderr.write(`${describeFailure(clash, process.stderr)}\n`)
  }
  process.exitCode = clash !== null || all.some(({ failure }) => failure !== undefined) ? 2 : 0
}

export function checkCommand(): Command {
  return new Command('check')
    .description('validate pipelines; print their complete configuration')
    .argument('[pipelines...]', 'pipeline YAML files')
    .option('--json', 'one JSON document on stdout')
    .option('--write-schema <file>', 'write the JSON Schema of pipeline files')
    .addHelpText('after', help)
    .action(run)
}
