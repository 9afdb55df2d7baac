import { join } from 'node:path'
import type { Attack } from '../canary/attack.ts'
import { attacksFor, loadAttacks } from '../canary/attacks.ts'
import { openCampaign } from '../canary/campaign.ts'
import { openSecret } from '../canary/secret.ts'
import { nearest } from '../engine/nearest.ts'
import type { Desk, Opened } from '../engine/desk.ts'
import type { Setup } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { mustSuit } from '../engine/pipeline/suits.ts'
import { setupOf } from '../engine/setup.ts'
import { baselineFor } from './baseline-for.ts'
import { canaryKey } from './canary-key.ts'
import type { CanaryRequest } from './canary-request.ts'
import { invalid } from './replay-request.ts'
import { version } from './version.ts'

export interface Prepared {
  readonly opened: Opened
  readonly setup: Setup
  readonly attacks: readonly string[]
  readonly campaign: ReturnType<typeof openCampaign>
}

export interface Place {
  readonly desk: Desk
  readonly scratch: string // folder
  readonly signal: AbortSignal
  readonly step: (text: string) => void
}

/** The attacks to try: those that the pipeline's records allow, of these the ones that are wanted. Throws CONFIG_INVALID. */
export async function attacksOf(
  pipeline: Pipeline,
  wanted: readonly string[] | null,
): Promise<ReadonlyMap<string, Attack>> {
  const all = await loadAttacks()
  const { label, source } = pipeline.input.fields
  const possible = attacksFor(all, {
    content: pipeline.content,
    labels: label !== undefined,
    sources: source !== undefined,
  })
  if (wanted === null) return possible
  return new Map(
    wanted.map((name) => {
      const attack = possible.get(name)
      if (attack !== undefined) return [name, attack]
      const known = all.get(name)
      const close = nearest(name, [...possible.keys()])
      throw invalid(
        known === undefined ? `There is no attack ${name}` : `Attack ${name} cannot be made of these records`,
        '--attack',
        known === undefined
          ? 'the name is not known'
          : `it poisons ${known.content.join(', ')}${known.needs.length > 0 ? ` and needs ${known.needs.join(' and ')}` : ''}`,
        `${close === undefined ? '' : `did you mean ${close}? `}possible: ${[...possible.keys()].join(', ')}`,
      )
    }),
  )
}

/** The baseline, and what tries poisons beside whoever judges by it. */
export async function prepare(
  { pipeline, wanted, rate, batches, share }: CanaryRequest,
  from: 'files' | 'topic',
  { desk, scratch, signal, step }: Place,
): Promise<Prepared> {
  const attacks = await attacksOf(pipeline, wanted)
  const secret = openSecret(canaryKey(process.env))
  const by = await baselineFor(pipeline, desk, {
    scratch: join(scratch, 'canary'),
    step,
    skipUndecodable: false,
    signal,
  })
  const opened = await desk.open(by.folder, pipeline.budget, pipeline.baseline.digest ?? undefined)
  mustSuit(pipeline, opened.manifest, by.folder)
  return {
    opened,
    setup: setupOf(pipeline, opened, version, from),
    attacks: [...attacks.keys()],
    campaign: openCampaign({ attacks, secret, rate, batches, share }),
  }
}
