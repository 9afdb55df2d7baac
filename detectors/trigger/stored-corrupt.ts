import { TasterError } from '../../src/core/errors.ts'

export function corrupt(): TasterError {
  return new TasterError(
    'BASELINE_CORRUPT',
    'trigger: what was counted along the stream cannot be read back; restore it from a copy, or start the stream anew',
  )
}
