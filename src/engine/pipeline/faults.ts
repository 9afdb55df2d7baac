import type { z } from 'zod'
import { expected, keysAt, schemaAt, type Path } from './expected.ts'
import { nearest } from '../nearest.ts'

/** Something wrong at a place of a configuration; `key` where it is the name of a key that is wrong, not its value. */
export interface Fault {
  readonly path: Path
  readonly key?: string
  readonly message: string
  readonly remedy: string
}

export const nameOf = (path: Path): string => path.join('.') || 'the pipeline'

/** The value at a path; only own properties count. */
export function valueAtPath(raw: unknown, path: Path): unknown {
  let here = raw
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as { [key: string | number]: unknown })[step]
  }
  return here
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'empty'
  if (typeof value === 'object') return 'a set of keys'
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function unknownKeys(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  path: Path,
  schema: z.core.JSONSchema.BaseSchema,
): Fault[] {
  const known = keysAt(schema, path)
  const component = path.length === 1 ? { encoder: 'encoder', detectors: 'detector' }[String(path[0])] : undefined
  const place = component !== undefined || path.length === 0 ? '' : ` in ${nameOf(path)}`
  return issue.keys.map((key) => {
    const meant = nearest(key, known)
    const list = known.length === 0 ? 'nothing may stand here' : `there are: ${known.join(', ')}`
    return {
      path,
      key,
      message: `unknown ${component ?? 'key'} ${JSON.stringify(key)}${place}`,
      remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
    }
  })
}

/** What a schema found, in words that say what would be right. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  schema: z.core.JSONSchema.BaseSchema,
  below: Path = [],
): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...below, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue, path, schema)
    if (issue.code === 'invalid_union') {
      // the alternative that was probably meant is the one that agrees with the value's kind and only fails inside it
      const meant = issue.errors.filter((errors) =>
        errors.every((e) => e.path.length > 0 || e.code === 'unrecognized_keys'),
      )
      const [only] = meant
      if (meant.length === 1 && only !== undefined) return faultsOf(only, raw, schema, path)
    }
    const value = valueAtPath(raw, path)
    const message = `${nameOf(path)} is ${shown(value)}`
    const right = expected(schemaAt(schema, path))
    return [{ path, message, remedy: issue.code === 'custom' ? `${issue.message}; ${right}` : right }]
  })
}
