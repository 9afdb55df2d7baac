import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'

export const file = new URL('../../asyncapi.yaml', import.meta.url)

interface Described {
  readonly channels: { readonly [name: string]: { readonly messages: { readonly [name: string]: unknown } } }
  readonly components: { readonly messages: { readonly [name: string]: { readonly name?: string } } }
}

// The names of AsyncAPI's own objects stand between the schemas, which strict mode would refuse.
const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': rfc3339 } })
const document = parse(readFileSync(file, 'utf8')) as Described
ajv.addSchema(document, 'asyncapi.yaml', undefined, false)

function rfc3339(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))
  )
}

const compiled = new Map<string, ValidateFunction>()

function problems(path: string, value: unknown): string[] {
  const validate = compiled.get(path) ?? ajv.compile({ $ref: `asyncapi.yaml#${path}` })
  compiled.set(path, validate)
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** The messages that the document lists for a channel. */
export function messagesOf(channel: string): string[] {
  return Object.keys(document.channels[channel]?.messages ?? {})
}

/** The types of events that the document describes, and the message of each. */
export const eventMessages: ReadonlyMap<string, string> = new Map(
  messagesOf('events').map((message) => [document.components.messages[message]?.name ?? '', message]),
)

/** What is wrong with an event's headers and data, by the document; nothing where all is right. */
export function problemsOfEvent(headers: { readonly [name: string]: string }, data: unknown): string[] {
  const message = eventMessages.get(headers['ce_type'] ?? '')
  if (message === undefined) return [`type ${headers['ce_type']} is not described`]
  return [...problemsOfHeaders(message, headers), ...problems(`/components/messages/${message}/payload`, data)]
}

/** What is wrong with headers, of which the last of each name is given, by what the document says of a message. */
export function problemsOfHeaders(message: string, headers: { readonly [name: string]: string }): string[] {
  return problems(`/components/messages/${message}/headers`, headers)
}

/** What is wrong with the payload of a message that is described in full. */
export function problemsOfPayload(message: string, payload: unknown): string[] {
  return problems(`/components/messages/${message}/payload`, payload)
}
