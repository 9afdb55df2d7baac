import type { AbsentColumn } from '../core/batch.ts'
import type { Explanation, Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import { printable } from './terminal.ts'

const whole = new Intl.NumberFormat('en-US')

/** 12,345 */
export const count = (value: number): string => whole.format(value)

/** 12,345 records, 1 record */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`

/** The number whose natural logarithm is given, where it may be larger than any float: 1.6e6, 3e450. */
export function fromLog(logValue: number): string {
  if (!Number.isFinite(logValue)) return logValue > 0 ? 'infinite' : '0'
  const log10 = logValue / Math.LN10
  if (log10 > -3 && log10 < 6) return whole.format(Number((10 ** log10).toPrecision(3)))
  const exponent = Math.floor(log10)
  return `${Number((10 ** (log10 - exponent)).toFixed(1))}e${exponent}`
}

/** 0.7 %, to two digits. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`

/** Names from data are quoted, so that a name with spaces or nothing in it can be seen. */
export const quoted = (name: string, max = 60): string => `"${printable(name, max)}"`

/** Whom or what a finding is about. A feature is a number: its name is among the facts of the explanation. */
export function subjectName(subject: Subject, facts: Explanation['facts'] = {}): string {
  switch (subject.kind) {
    case 'stream':
      return 'the whole stream'
    case 'source':
      return `source ${quoted(subject.name)}`
    case 'label':
      return `label ${quoted(subject.name)}`
    case 'pair':
      return `source ${quoted(subject.source)}: ${quoted(subject.from)} labelled ${quoted(subject.to)}`
    case 'feature':
      return `${printable(String(facts['feature'] ?? 'a feature'), 60)} with label ${quoted(subject.label)}`
  }
}

/** Rows count from 1 for people. */
export function place({ topic, offset }: Pick<Position, 'topic' | 'offset'>, row = 0): string {
  return `${printable(topic, 80)} row ${count(Number(offset) + row + 1)}`
}

const untestedWithout: { readonly [part in AbsentColumn['part']]: string } = {
  id: 'Records are named after their rows',
  source: 'Sources are not tested',
  time: 'Event times are not known',
  label: 'Labels are not tested',
}

/** A column that was named and is nowhere: most often a slip of the pen, which must not pass for a clean result. */
export function absentColumn({ part, name, nearest }: AbsentColumn, records: number): string {
  const meant = nearest === null ? '' : ` Did you mean '${printable(nearest, 60)}'?`
  const none = `column '${printable(name, 60)}' (${part}) is in none of ${counted(records, 'record')}.`
  return `${none}${meant} ${untestedWithout[part]}.`
}
