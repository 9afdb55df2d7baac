import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Client } from '../../src/kafka/client.ts'
import { startScript, type Running } from './processes.ts'
import { next, type Content } from './records.ts'
import { createOutputs, deleteTopics, fresh, type Names } from './topics.ts'

const trusted = 4000 // half of it, 2,000, becomes the reference

const program = '../../src/cli/main.js'

/** Fits a baseline from records of the same kind by another seed, and gives its folder. */
export async function fitBaseline(content: Content, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${content.name}.ndjson`)
  const lines = await next(content.records(9_001), trusted)
  const out = createWriteStream(file)
  out.end(`${lines.join('\n')}\n`)
  await finished(out)
  const pipeline = join(folder, `${content.name}-fit.yaml`)
  await writeFile(pipeline, JSON.stringify(document(content, {})))
  const baseline = join(folder, `${content.name}-baseline`)
  const args = ['baseline', 'fit', file, '--pipeline', pipeline, '--out', baseline]
  const code = await startScript(program, args).ended
  if (code !== 0) throw new Error(`taster baseline fit ended with code ${code}`)
  return baseline
}

function document({ name, encoder, fields, detectors }: Content, more: object): object {
  const chosen = Object.fromEntries(detectors.map((detector) => [detector, {}]))
  return { name: `bench-${name}`, input: { fields }, encoder: { [encoder]: {} }, detectors: chosen, ...more }
}

/** A pipeline that is ready to be started, with topics and a group of its own. */
export interface Line {
  readonly file: string
  readonly group: string
  readonly input: string
  readonly outputs: Names
  /** Starts `taster start` on it, as an operator would. */
  start(options?: { readonly env?: NodeJS.ProcessEnv; readonly node?: readonly string[] }): Running
  /** Removes what it has written. */
  remove(): Promise<void>
}

export const sessionTimeoutMs = 6000

export async function openLine(
  client: Client,
  content: Content,
  options: { readonly folder: string; readonly baseline: string; readonly input: string },
): Promise<Line> {
  const { folder, baseline, input } = options
  const { clean, quarantine, deadLetter, events, state } = await createOutputs(client)
  const group = fresh('group')
  const file = join(folder, `${group}.yaml`)
  const given = document(content, {
    input: { topic: input, group, fields: content.fields },
    baseline: { path: baseline },
    output: { clean, quarantine, deadLetter, events, state },
  })
  await writeFile(file, JSON.stringify(given))
  const outputs = { clean, quarantine, deadLetter, events, state }
  return {
    file,
    group,
    input,
    outputs,
    start: ({ env = {}, node = [] } = {}) =>
      startScript(program, ['start', file], {
        node,
        env: {
          KAFKA_BROKERS: client.connection.brokers.join(','),
          KAFKA_SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
          TASTER_HTTP_PORT: '0',
          ...env,
        },
      }),
    remove: () => deleteTopics(client, Object.values(outputs)),
  }
}
