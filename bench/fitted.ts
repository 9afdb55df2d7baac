import type { Baseline } from '../src/baseline/baseline.ts'
import { openEncoding } from '../src/baseline/encode.ts'
import { fitBaseline } from '../src/baseline/fit.ts'
import type { Records } from '../src/core/batch.ts'
import type { Encoded } from '../src/core/encoded.ts'

export interface FitChoice {
  readonly encoder: string
  readonly encoderParams?: unknown
  /** By name, or with parameters; without it all that can read the content. */
  readonly detectors?: readonly string[] | ReadonlyMap<string, unknown>
  readonly seed: number
}

/** A baseline of trusted records, fitted as `taster baseline fit` does: half of them become the reference. */
export function fitted(
  trusted: Records,
  { encoder, encoderParams = {}, detectors, seed }: FitChoice,
): Promise<Baseline> {
  return fitBaseline({
    records: trusted,
    encoder: { name: encoder, params: encoderParams },
    ...(detectors !== undefined && {
      detectors: detectors instanceof Map ? detectors : new Map([...detectors].map((name) => [name, {}])),
    }),
    seed,
    engineVersion: 'bench',
  })
}

/** What the detectors of a baseline see of records. */
export async function encodedBy(baseline: Baseline, records: Records): Promise<Encoded> {
  const encoding = await openEncoding(baseline.encoding)
  try {
    return await encoding.encode(records)
  } finally {
    encoding.close()
  }
}

/** A detector's record scores; throws where it gives none. */
export function scoresBy(baseline: Baseline, name: string, encoded: Encoded): Float64Array {
  const found = baseline.detectors.find((each) => each.name === name)
  if (found === undefined) throw new Error(`${name} is off: ${JSON.stringify(baseline.manifest.off)}`)
  const { detector, fitted: state } = found
  const { measurements } = detector.measure(encoded, state, detector.memory.empty())
  const scored = measurements.find((measurement) => measurement.kind === 'scores')
  if (scored === undefined) throw new Error(`${name} gives no record scores`)
  return scored.scores
}
