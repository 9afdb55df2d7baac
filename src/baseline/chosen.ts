import { z } from 'zod'
import type { Records } from '../core/batch.ts'
import type { Detector } from '../core/detector.ts'
import type { Assets, Encoder } from '../core/encoder.ts'
import { TasterError } from '../core/errors.ts'
import { assetDigest, loadAsset } from './assets.ts'
import { loadDetectors, loadEncoders } from './registry.ts'

/** What a fit is asked to use. */
export interface Wanted {
  /** Records that people approved. */
  readonly records: Records
  readonly encoder: { readonly name: string; readonly params: unknown }
  /** Parameters by name of detector; without it every detector that reads this content, with its defaults. */
  readonly detectors?: ReadonlyMap<string, unknown>
}

export interface ChosenDetector {
  readonly detector: Detector
  readonly params: unknown
}

export interface ChosenEncoder {
  readonly named: { readonly name: string; readonly params: unknown }
  readonly encoder: Encoder
  readonly assets: Assets
  readonly digest: string | null
}

/** The encoder by name, with its assets. Throws CONFIG_INVALID where there is none, or it reads other content. */
export async function chosenEncoder({ encoder: { name, params }, records }: Wanted): Promise<ChosenEncoder> {
  const encoders = await loadEncoders()
  const encoder = encoders.get(name)
  if (encoder === undefined) throw unknown('encoder', name, [...encoders.keys()])
  if (encoder.content !== records.content.kind) {
    const fitting = [...encoders].filter(([, { content }]) => content === records.content.kind).map(([other]) => other)
    throw new TasterError(
      'CONFIG_INVALID',
      `Encoder ${name} reads ${encoder.content}, and the trusted records hold ${records.content.kind}: choose ${fitting.join(' or ')}`,
    )
  }
  const assets: Assets = encoder.asset === null ? new Map() : await loadAsset(encoder.asset)
  return {
    named: { name, params: parsed(encoder.params, params, `encoder ${name}`) },
    encoder,
    assets,
    digest: encoder.asset === null ? null : assetDigest(assets),
  }
}

/** Detectors by name, in the order of their names. Throws CONFIG_INVALID where there is none of that name. */
export async function chosenDetectors({ detectors, records }: Wanted): Promise<ReadonlyMap<string, ChosenDetector>> {
  const registry = await loadDetectors()
  const { kind } = records.content
  const wanted: ReadonlyMap<string, unknown> =
    detectors ??
    new Map(
      [...registry]
        .filter(([, detector]) => detector.needs.content.includes(kind) && !onRequest(detector))
        .map(([name]) => [name, {}]),
    )
  return new Map(
    [...wanted]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, params]) => {
        const detector = registry.get(name)
        if (detector === undefined) throw unknown('detector', name, [...registry.keys()])
        return [name, { detector, params: parsed(detector.params, params, `detector ${name}`) }]
      }),
  )
}

/** Whether a detector has nothing to do unless it is told what: it is not among those chosen by default. */
export function onRequest({ anchors, params }: Detector): boolean {
  return anchors?.(params.parse({})).length === 0
}

function parsed(schema: z.ZodType, params: unknown, of: string): unknown {
  const { success, data, error } = schema.safeParse(params ?? {})
  if (success) return data
  throw new TasterError('CONFIG_INVALID', `The parameters of ${of} are wrong: ${z.prettifyError(error)}`)
}

function unknown(what: string, name: string, known: readonly string[]): TasterError {
  return new TasterError(
    'CONFIG_INVALID',
    `There is no ${what} ${JSON.stringify(name)}: choose among ${known.join(', ')}`,
  )
}
