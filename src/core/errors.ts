/**
 * Errors are classified by what the line does next. The set is closed; each has a stable code, and the README's table
 * holds the same codes. Messages say what is wrong, where, and what would be right.
 */
export type ErrorClass =
  | 'ConfigError'
  | 'DecodeError'
  | 'VerifyError'
  | 'CalibrationError'
  | 'DetectorError'
  | 'UnavailableError'
  | 'InvariantError'

export const codes = {
  CONFIG_INVALID: 'ConfigError',
  CONFIG_NOT_FOUND: 'ConfigError',
  INPUT_NOT_FOUND: 'ConfigError',
  INPUT_UNSUPPORTED: 'ConfigError',
  BASELINE_CORRUPT: 'ConfigError',
  BASELINE_MISMATCH: 'ConfigError',
  TRUSTED_TOO_SMALL: 'ConfigError',
  TRUSTED_UNREADABLE: 'ConfigError', // rows of trusted data that do not decode
  BYTES_NOT_UTF8: 'DecodeError',
  BYTES_MALFORMED: 'DecodeError', // not what its format says: broken JSON, a CSV quote that never closes, a cut Arrow stream
  RECORD_TOO_LARGE: 'DecodeError',
  RECORD_TOO_DEEP: 'DecodeError',
  RECORD_EMPTY: 'DecodeError',
  FIELD_MISSING: 'DecodeError',
  FIELD_MISTYPED: 'DecodeError',
  VALUE_NOT_FINITE: 'DecodeError',
  VALUE_WRONG_SHAPE: 'DecodeError',
  LABEL_MISSING: 'DecodeError',
  SOURCE_NOT_ALLOWED: 'VerifyError',
  ID_REPEATED: 'VerifyError',
  HOPS_EXCEEDED: 'VerifyError', // the message has passed too many pipelines: they form a loop
  CALIBRATION_INSUFFICIENT: 'CalibrationError',
  DETECTOR_FAILED: 'DetectorError',
  DETECTOR_TIMED_OUT: 'DetectorError', // no judgement within the deadline: the compute thread was ended
  DETECTOR_CRASHED: 'DetectorError', // the compute thread ended while it judged the batch
  JUDGE_LOST: 'UnavailableError', // the compute thread ended while other work waited for it
  BROKER_UNAVAILABLE: 'UnavailableError',
  TOPIC_MISSING: 'UnavailableError',
  ACCESS_DENIED: 'UnavailableError',
  MESSAGE_TOO_LARGE: 'UnavailableError', // for the topic that it has to be written to
  PRODUCER_FENCED: 'UnavailableError', // another member took the partition over
  NO_PROGRESS: 'UnavailableError', // nothing moves while records wait
  OFFSET_OUT_OF_RANGE: 'ConfigError', // records were deleted before they were read
  STATE_BROKEN: 'ConfigError', // the state topic does not lead to the committed offset
  OUTPUT_FAILED: 'UnavailableError',
  INVARIANT_BROKEN: 'InvariantError',
} as const satisfies { readonly [code: string]: ErrorClass }

export type Code = keyof typeof codes

/** One problem of a configuration: where it stands and what would be right. */
export interface Problem {
  readonly where: string // file:line:column, or a flag
  readonly message: string
  readonly remedy: string
}

export class TasterError extends Error {
  readonly code: Code
  readonly problems: readonly Problem[]

  constructor(code: Code, message: string, options: { cause?: unknown; problems?: readonly Problem[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = codes[code]
    this.code = code
    this.problems = options.problems ?? []
  }
}
