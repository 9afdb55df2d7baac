import { join } from 'node:path'
import type { Desk } from '../engine/desk.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { mustBeReadable, readTrusted } from './trusted.ts'
import { version } from './version.ts'

export interface JudgedBy {
  readonly folder: string
  readonly fitted: boolean // just now, in a folder that will not stay
}

export interface BaselineOptions {
  readonly scratch: string // folder; a baseline that has to be fitted first goes below it
  readonly step: (text: string) => void // is told what is being done
  readonly skipUndecodable: boolean // trusted rows that cannot be read are left out
  readonly signal: AbortSignal
}

/** The folder of the baseline that a pipeline is judged by. Where it names trusted data only, a baseline is fitted now. */
export async function baselineFor(pipeline: Pipeline, desk: Desk, options: BaselineOptions): Promise<JudgedBy> {
  const { scratch, step, skipUndecodable, signal } = options
  const { path, trusted: paths, seed } = pipeline.baseline
  if (path !== null) return { folder: path, fitted: false }
  step(`reading trusted data: ${paths.join(', ')}`)
  const trusted = await readTrusted(paths, pipeline, signal)
  signal.throwIfAborted()
  mustBeReadable(trusted, skipUndecodable)
  for (const warning of trusted.warnings) step(`warning: ${warning}`)
  const folder = join(scratch, 'baseline')
  await desk.fit(
    {
      records: trusted.records,
      encoder: pipeline.encoder,
      detectors: new Map(pipeline.detectors.map(({ name, params }) => [name, params])),
      seed,
      engineVersion: version,
    },
    folder,
    ({ text, done, total }) => {
      if (done < total) step(`${done + 1}/${total} ${text}`)
    },
  )
  return { folder, fitted: true }
}
