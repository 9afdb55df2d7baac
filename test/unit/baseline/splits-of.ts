import type { EncodedSplits } from '../../../src/baseline/fit-encoding.ts'
import type { Encoded } from '../../../src/core/encoded.ts'

/** The same records in every part: for tests that don't care which part a row is in. */
export function splitsOf(all: Encoded): EncodedSplits {
  const every = Int32Array.from(all.label.keys())
  return {
    reference: all,
    calibration: all,
    validation: all,
    whole: all,
    rows: { reference: every, calibration: every, validation: every },
  }
}
