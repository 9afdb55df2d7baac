import type { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

export type Path = readonly (string | number)[]

const branches = (schema: Schema): readonly Schema[] => [schema, ...(schema.anyOf ?? [])]

/** The part of a JSON Schema that speaks about a place. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  let here: Schema | undefined = schema
  for (const step of path) {
    const next: unknown = branches(here)
      .map((branch) => (typeof step === 'number' ? branch.items : branch.properties?.[step]))
      .find((found) => typeof found === 'object')
    if (next === undefined) return undefined
    here = next as Schema
  }
  return here
}

/** The keys that may stand at a place. */
export function keysAt(schema: Schema, path: Path): readonly string[] {
  const here = schemaAt(schema, path)
  return here === undefined ? [] : branches(here).flatMap((branch) => Object.keys(branch.properties ?? {}))
}

const written = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function range({ minimum, maximum, exclusiveMinimum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) return ` of at least ${minimum}`
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) return ` of at most ${maximum}`
  return ''
}

const forms: { readonly [type: string]: ((schema: Schema) => string) | undefined } = {
  integer: (schema) => `a whole number${range(schema)}`,
  number: (schema) => `a number${range(schema)}`,
  boolean: () => 'true or false',
  string: () => 'a text', // the description says of what form
  array: ({ items }) =>
    typeof items === 'object' && !Array.isArray(items) ? `a list of ${form(items).replace(/^an? /, '')}s` : 'a list',
  object: ({ properties }) => `keys with values: ${Object.keys(properties ?? {}).join(', ') || 'none, write {}'}`,
}

function form(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(form).join(' or ')
  if (schema.enum !== undefined) return schema.enum.map(written).join(' or ')
  if (schema.const !== undefined) return written(schema.const)
  return forms[String(schema.type)]?.(schema) ?? 'another value'
}

/** What would be right at a place, in words. */
export function expected(schema: Schema | undefined): string {
  if (schema === undefined) return 'remove it'
  const meaning = schema.description === undefined ? '' : ` (${schema.description})`
  const otherwise = schema.default === undefined ? '' : `, or leave it out for ${written(schema.default)}`
  return `write ${form(schema)}${meaning}${otherwise}`
}
