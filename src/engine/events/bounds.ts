import type { Explanation, Subject } from '../../core/measurement.ts'

/** Bytes of each kind of text in an event. What comes from data can be as long as a message. */
export const mostBytes = { name: 300, summary: 1500, facts: 8000, reasons: 75_000 } as const

/** Bytes that a value takes in JSON. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** Text of at most `bytes` bytes of JSON between its quotes; where some is left out, … stands for it. */
export function cut(text: string, bytes: number): string {
  // A character takes one byte at least and six at most.
  if (text.length * 6 <= bytes || (text.length <= bytes && jsonBytes(text) - 2 <= bytes)) return text
  let kept = ''
  let left = bytes - 3
  for (const character of text) {
    left -= jsonBytes(character) - 2
    if (left < 0) break
    kept += character
  }
  return `${kept}…`
}

export function cutName(text: string): string {
  return cut(text, mostBytes.name)
}

export function cutSubject(subject: Subject): Subject {
  switch (subject.kind) {
    case 'stream':
      return subject
    case 'source':
    case 'label':
      return { ...subject, name: cutName(subject.name) }
    case 'pair':
      return { ...subject, source: cutName(subject.source), from: cutName(subject.from), to: cutName(subject.to) }
    case 'feature':
      return { ...subject, label: cutName(subject.label) }
  }
}

const mostOfFact = 20

/** As many facts as fit, in order; lists are cut to their first entries. JSON has no number that is not finite: null. */
export function cutFacts(facts: Explanation['facts']): { readonly [name: string]: unknown } {
  const kept: [string, unknown][] = []
  let left = mostBytes.facts
  for (const [name, fact] of Object.entries(facts)) {
    const value = typeof fact === 'object' ? fact.slice(0, mostOfFact).map(factOf) : factOf(fact)
    left -= jsonBytes(name) + jsonBytes(value) + 2
    if (left < 0) break
    kept.push([name, value])
  }
  return Object.fromEntries(kept)
}

function factOf(fact: string | number): string | number | null {
  return typeof fact === 'string' ? cutName(fact) : finite(fact)
}

export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
