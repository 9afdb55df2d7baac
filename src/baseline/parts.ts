import { arrayOf, pack, unpack } from '../core/codec.ts'
import { TasterError } from '../core/errors.ts'
import type { Calibration, Encoding, FittedDetector, Reference } from './baseline.ts'

/** Folder below the artifact's own. */
export const partsFolder = 'detectors'

/** Every file of an artifact beside its manifest; paths are made of our own names only. */
export const pathOf = {
  encoder: 'encoder.bin',
  reference: 'reference.bin',
  fitted: (detector: string) => `${partsFolder}/${detector}.fitted.bin`,
  calibration: (detector: string) => `${partsFolder}/${detector}.calibration.bin`,
} as const

/** The paths that an artifact with these detectors has, no more and no fewer. */
export function pathsOf(detectors: readonly string[]): string[] {
  return [
    pathOf.encoder,
    pathOf.reference,
    ...detectors.flatMap((name) => [pathOf.fitted(name), pathOf.calibration(name)]),
  ]
}

/** The bytes of every part of the artifact, by path. */
export function partBytes(
  { encoder, fitted, reference }: Encoding,
  detectors: readonly FittedDetector[],
): ReadonlyMap<string, Uint8Array> {
  return new Map([
    [pathOf.encoder, encoder.codec.encode(fitted)],
    [pathOf.reference, encodeReference(reference)],
    ...detectors.flatMap(({ name, detector, fitted: state, calibration }): [string, Uint8Array][] => [
      [pathOf.fitted(name), detector.codec.encode(state)],
      [pathOf.calibration(name), encodeCalibration(calibration)],
    ]),
  ])
}

export function encodeReference({ vectors, label, row }: Reference): Uint8Array {
  return pack({ json: { dims: vectors.cols }, arrays: { vectors: vectors.data, label, row } })
}

/** Throws BASELINE_CORRUPT on anything that does not fit `dims` and the number of labels. */
export function decodeReference(bytes: Uint8Array, dims: number, labels: number): Reference {
  const unpacked = unpack(bytes)
  if ((unpacked.json as { dims?: unknown } | null)?.dims !== dims) throw corrupt('it has another number of dimensions')
  const row = arrayOf(unpacked, 'row', 'Int32Array')
  const label = arrayOf(unpacked, 'label', 'Int32Array', row.length)
  const data = arrayOf(unpacked, 'vectors', 'Float32Array', row.length * dims)
  if (!data.every(Number.isFinite)) throw corrupt('a reference vector is not finite')
  if (label.some((index) => index < -1 || index >= labels)) throw corrupt('a reference label does not exist')
  if (row.some((index) => index < 0)) throw corrupt('a reference row is wrong')
  return { vectors: { rows: row.length, cols: dims, data }, label, row }
}

export function encodeCalibration({ scores, nulls }: Calibration): Uint8Array {
  const arrays = new Map<string, Float64Array>()
  scores.forEach((sorted, label) => arrays.set(`score/${label}`, sorted))
  const names = [...nulls].map(([label, bySize], i) => {
    for (const [size, sorted] of bySize) arrays.set(`null/${i}/${size}`, sorted)
    return [label, [...bySize.keys()]]
  })
  return pack({ json: { scores: scores.length, nulls: names }, arrays })
}

/** Throws BASELINE_CORRUPT on anything but ascending finite numbers under the names that the header lists. */
export function decodeCalibration(bytes: Uint8Array): Calibration {
  const unpacked = unpack(bytes)
  const json = unpacked.json as { scores?: unknown; nulls?: unknown } | null
  const { scores, nulls } = json ?? {}
  if (typeof scores !== 'number' || !Number.isInteger(scores) || scores < 0 || scores > unpacked.arrays.size) {
    throw corrupt('the number of calibrated labels is wrong')
  }
  if (!Array.isArray(nulls)) throw corrupt('the list of nulls is malformed')
  const calibration: Calibration = {
    scores: Array.from({ length: scores }, (_, label) =>
      ascending(arrayOf(unpacked, `score/${label}`, 'Float64Array')),
    ),
    nulls: new Map(
      (nulls as unknown[]).map((entry, i) => {
        const [label, sizes] = Array.isArray(entry) ? (entry as unknown[]) : []
        if (typeof label !== 'string' || !Array.isArray(sizes)) throw corrupt('the list of nulls is malformed')
        return [
          label,
          new Map(
            (sizes as unknown[]).map((size) => [
              wholeNumber(size),
              ascending(arrayOf(unpacked, `null/${i}/${wholeNumber(size)}`, 'Float64Array')),
            ]),
          ),
        ]
      }),
    ),
  }
  const used = calibration.scores.length + [...calibration.nulls.values()].reduce((sum, { size }) => sum + size, 0)
  if (used !== unpacked.arrays.size) throw corrupt('it holds arrays that nothing names')
  return calibration
}

function wholeNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) throw corrupt('a null has no size')
  return value
}

function ascending(values: Float64Array): Float64Array {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i] ?? NaN) || (i > 0 && (values[i - 1] ?? 0) > (values[i] ?? 0))) {
      throw corrupt('calibration values are not ascending finite numbers')
    }
  }
  return values
}

function corrupt(why: string): TasterError {
  return new TasterError('BASELINE_CORRUPT', `${why}. Restore the baseline from a copy, or fit it again`)
}
