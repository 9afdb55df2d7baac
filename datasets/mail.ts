import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { sizeOf, type Records } from '../src/core/batch.ts'
import { column, valueAt } from '../src/core/column.ts'
import type { Poisoned } from './attack.ts'
import { projectFolder } from './locate.ts'

interface MailLine {
  readonly id: number
  readonly ts: number // epoch seconds
  readonly label: string
  readonly source: string
  readonly subject: string
  readonly text: string
}

export interface Mail {
  /** 6,046 mails in the order they were sent; text = subject, line feed, body; label ham or spam; source list or sender domain. */
  readonly records: Records
  /** The same mails as NDJSON lines: id, ts (epoch seconds), group, label, source, subject, text. */
  readonly lines: readonly string[]
  /** The first mail with the same body (its letters, whatever the case, digits and spaces; the subject where it is empty), or -1. */
  readonly duplicateOf: Int32Array
}

/** Real mails from June 2001 to December 2002; see data/spamassassin/NOTICE. */
export async function loadMail(): Promise<Mail> {
  const packed = await readFile(join(projectFolder(), 'datasets', 'data', 'spamassassin', 'stream.jsonl.gz'))
  const lines = (await promisify(gunzip)(packed)).toString('utf8').trimEnd().split('\n')
  const mails = lines.map((line) => JSON.parse(line) as MailLine)
  return {
    records: {
      id: mails.map((mail) => String(mail.id)),
      source: column(mails.map((mail) => mail.source)),
      label: column(mails.map((mail) => mail.label)),
      at: Float64Array.from(mails, (mail) => mail.ts * 1000),
      content: { kind: 'text', text: mails.map((mail) => `${mail.subject}\n${mail.text}`) },
    },
    lines,
    duplicateOf: duplicates(mails),
  }
}

function duplicates(mails: readonly MailLine[]): Int32Array {
  const letters = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}]+/gu, ' ')
      .trim()
  const first = new Map<string, number>()
  return Int32Array.from(mails, (mail, row) => {
    const key = letters(mail.text) || `subject ${letters(mail.subject)}`
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, row)
    return earlier ?? -1
  })
}

/** The rows of mails whose body no earlier mail has, in order. */
export function distinctMails(mail: Mail): Int32Array {
  return Int32Array.from(mail.records.id.keys()).filter((row) => mail.duplicateOf[row] === -1)
}

/** An attacked stream as NDJSON: rows that the attack left alone keep their original line; `lines` are those of the attack's input. */
export function mailLines(attacked: Poisoned, lines: readonly string[]): string[] {
  const { records, poisoned, origin } = attacked
  if (records.content.kind !== 'text') throw new Error('mails have text')
  const { text } = records.content
  return Array.from({ length: sizeOf(records) }, (_, row) => {
    const original = lines[origin[row] ?? -1] ?? '{}'
    if (poisoned[row] !== 1) return original
    const cut = text[row]?.indexOf('\n') ?? -1
    return JSON.stringify({
      ...(JSON.parse(original) as MailLine),
      id: records.id[row],
      ts: (records.at[row] ?? 0) / 1000,
      label: valueAt(records.label, row),
      source: valueAt(records.source, row),
      subject: text[row]?.slice(0, cut),
      text: text[row]?.slice(cut + 1),
    })
  })
}
