import { TasterError } from '../core/errors.ts'
import type { Assets } from '../core/encoder.ts'
import { assetDigest, loadAsset } from './assets.ts'
import type { Baseline, FittedDetector } from './baseline.ts'
import type { Manifest } from './manifest.ts'
import { decodeCalibration, decodeReference, pathOf } from './parts.ts'
import { loadDetectors, loadEncoders } from './registry.ts'

/**
 * A baseline from verified parts. Throws BASELINE_MISMATCH where it needs an encoder, an asset or a detector that this
 * version of Taster does not have as it was, BASELINE_CORRUPT where a part does not decode to what the manifest says.
 */
export async function assembleBaseline(
  manifest: Manifest,
  digest: string,
  parts: ReadonlyMap<string, Uint8Array>,
): Promise<Baseline> {
  const [encoders, registry] = await Promise.all([loadEncoders(), loadDetectors()])
  const { name, dims, assets: expectedAssets } = manifest.encoder
  const encoder = encoders.get(name)
  if (encoder === undefined) throw mismatch(`its encoder ${name} does not exist here`)
  if (encoder.content !== manifest.content) throw mismatch(`its encoder ${name} reads ${encoder.content} here`)
  const assets: Assets = encoder.asset === null ? new Map() : await loadAsset(encoder.asset)
  if ((encoder.asset === null ? null : assetDigest(assets)) !== expectedAssets) {
    throw mismatch(`the files that its encoder ${name} needs are not those that it was fitted with`)
  }
  const encoding = {
    encoder,
    fitted: decoded(parts, pathOf.encoder, (bytes) => encoder.codec.decode(bytes)),
    assets,
    labels: manifest.labels,
    reference: decoded(parts, pathOf.reference, (bytes) => decodeReference(bytes, dims, manifest.labels.length)),
  }
  const detectors = manifest.detectors.map(({ name: of }): FittedDetector => {
    const detector = registry.get(of)
    if (detector === undefined) throw mismatch(`its detector ${of} does not exist here`)
    const fitted = decoded(parts, pathOf.fitted(of), (bytes) => detector.codec.decode(bytes))
    return { name: of, detector, fitted, calibration: decoded(parts, pathOf.calibration(of), decodeCalibration) }
  })
  return { digest, manifest, encoding, sources: manifest.sources, detectors }
}

function decoded<T>(parts: ReadonlyMap<string, Uint8Array>, path: string, decode: (bytes: Uint8Array) => T): T {
  const bytes = parts.get(path)
  if (bytes === undefined) throw new TasterError('BASELINE_CORRUPT', `The baseline has no ${path}: fit it again`)
  try {
    return decode(bytes)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TasterError('BASELINE_CORRUPT', `The baseline's ${path} does not decode: ${why}`, { cause })
  }
}

function mismatch(why: string): TasterError {
  return new TasterError(
    'BASELINE_MISMATCH',
    `The baseline was made by another version of Taster: ${why}. Fit it again, or use the version that made it`,
  )
}
