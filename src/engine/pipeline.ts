import { dirname, resolve } from 'node:path'
import { stringify } from 'yaml'
import { TasterError, type Problem } from '../core/errors.ts'
import { onRequest } from '../baseline/chosen.ts'
import type { ContentKind } from '../core/batch.ts'
import { disagreements, unfit } from './pipeline/agreement.ts'
import { readDocument, type Written } from './pipeline/document.ts'
import type { Path } from './pipeline/expected.ts'
import { faultsOf } from './pipeline/faults.ts'
import { jsonSchema, pipelineSchema, type Configuration, type Registries } from './pipeline/schema.ts'

export { formats, jsonSchema, type Configuration, type Registries } from './pipeline/schema.ts'

/** A component and its parameters, validated, defaults filled in. */
export interface Chosen {
  readonly name: string
  readonly params: unknown
}

/** A pipeline that is known to be valid. */
export interface Pipeline {
  readonly name: string
  readonly input: Configuration['input']
  readonly content: ContentKind
  readonly verify: { readonly sources: readonly string[] | null; readonly uniqueIds: boolean }
  readonly encoder: Chosen
  /** Absolute paths. */
  readonly baseline: {
    readonly path: string | null
    readonly digest: string | null
    readonly trusted: readonly string[]
    readonly seed: number
  }
  readonly detectors: readonly Chosen[]
  readonly budget: { readonly falseAlarms: number; readonly batches: number }
  readonly policy: Configuration['policy']
  readonly output: Configuration['output']
}

/** A value that something other than the file gives, a flag say: it replaces what the file says at `path`. */
export interface Setting {
  readonly path: readonly [string, ...string[]]
  readonly value: unknown
  readonly where: string
}

type Keys = { [key: string]: unknown }

function settle(raw: unknown, settings: readonly Setting[]): unknown {
  if (settings.length === 0) return raw
  const root: Keys = { ...(raw as Keys | null | undefined) }
  for (const { path, value } of settings) {
    let here = root
    for (const step of path.slice(0, -1)) {
      const inner = here[step]
      const copy: Keys = typeof inner === 'object' && inner !== null ? { ...inner } : {}
      here[step] = copy
      here = copy
    }
    here[path.at(-1) ?? ''] = value
  }
  return root
}

const startsWith = (path: Path, start: Path) => start.every((step, i) => path[i] === step)

function choose(given: { readonly [name: string]: unknown }): Chosen[] {
  return Object.entries(given).map(([name, params]) => ({ name, params }))
}

function pipelineOf(configuration: Configuration, registries: Registries, folder: string): Pipeline {
  const { input, verify, baseline, budget, detectors } = configuration
  const content = (['text', 'image', 'row', 'vector'] as const).find((kind) => input.fields[kind] !== undefined)
  const [encoder] = choose(configuration.encoder)
  if (content === undefined || encoder === undefined)
    throw new TasterError('INVARIANT_BROKEN', 'A pipeline without content or encoder was taken for valid')
  const { trusted } = baseline
  return {
    name: configuration.name,
    input,
    content,
    verify: { sources: verify.sources ?? null, uniqueIds: verify.uniqueIds },
    encoder,
    baseline: {
      path: baseline.path === undefined ? null : resolve(folder, baseline.path),
      digest: baseline.digest ?? null,
      trusted: (trusted === undefined ? [] : [trusted].flat()).map((path) => resolve(folder, path)),
      seed: baseline.seed,
    },
    detectors:
      detectors === undefined
        ? [...registries.detectors]
            .filter(
              ([, detector]) =>
                unfit(detector, content, input.fields.label !== undefined) === undefined && !onRequest(detector),
            )
            .map(([name, detector]) => ({ name, params: detector.params.parse({}) }))
        : choose(detectors),
    budget: { falseAlarms: budget.falseAlarms, batches: Number.parseInt(budget.per, 10) },
    policy: configuration.policy,
    output: configuration.output,
  }
}

const byPlace = new Intl.Collator('en', { numeric: true })

/**
 * Reads a pipeline file. `settings` replace what it says; with an empty `text` they are all there is.
 * Throws CONFIG_INVALID with every problem there is, each with file, line and column.
 */
export function parsePipeline(
  text: string,
  file: string,
  registries: Registries,
  settings: readonly Setting[] = [],
): Pipeline {
  const document: Written = readDocument(text, file)
  const fail = (unordered: readonly Problem[]): never => {
    const problems = unordered.toSorted((a, b) => byPlace.compare(a.where, b.where))
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    throw new TasterError('CONFIG_INVALID', `${file}: ${count}`, { problems })
  }
  if (document.problems.length > 0) fail(document.problems)

  const raw = settle(document.raw, settings)
  const parsed = pipelineSchema(registries).safeParse(raw)
  const found = [
    ...faultsOf(parsed.error?.issues ?? [], raw, jsonSchema(registries)),
    ...disagreements(raw, registries),
  ]
  const problems = found.map((fault) => ({
    where: settings.findLast((setting) => startsWith(fault.path, setting.path))?.where ?? document.where(fault),
    message: fault.message,
    remedy: fault.remedy,
  }))
  if (!parsed.success || problems.length > 0) return fail(problems)
  return pipelineOf(parsed.data, registries, dirname(file))
}

/** What a pipeline file would say that leaves nothing to defaults. */
export function configurationOf(pipeline: Pipeline): Configuration {
  const { verify, encoder, baseline, detectors, budget } = pipeline
  return {
    name: pipeline.name,
    input: pipeline.input,
    verify: { uniqueIds: verify.uniqueIds, ...(verify.sources && { sources: [...verify.sources] }) },
    encoder: { [encoder.name]: encoder.params },
    baseline: {
      ...(baseline.path !== null && { path: baseline.path }),
      ...(baseline.digest !== null && { digest: baseline.digest }),
      ...(baseline.trusted.length > 0 && { trusted: [...baseline.trusted] }),
      seed: baseline.seed,
    },
    detectors: Object.fromEntries(detectors.map(({ name, params }) => [name, params])),
    budget: { falseAlarms: budget.falseAlarms, per: `${budget.batches} batches` },
    policy: pipeline.policy,
    output: pipeline.output,
  }
}

/** The complete configuration, every default written out, as a pipeline file. */
export function effective(pipeline: Pipeline): string {
  return stringify(configurationOf(pipeline), { lineWidth: 120 })
}
