import type { Batch } from '../core/batch.ts'
import type { Subject } from '../core/measurement.ts'
import type { Header } from '../core/message.ts'
import { printable } from '../core/printable.ts'
import type { Finding } from '../core/verdict.ts'
import { textHeader } from '../engine/decode/content-type.ts'

const mostFindings = 8
const mostBytes = 1024

/**
 * For each message of a batch the headers that tell of its findings: those that concern its records first, then, where
 * `all` of the batch is held, the others; and which detectors suspect a record of this very message.
 */
export function findingHeaders(
  batch: Batch,
  findings: readonly Finding[],
): (message: number, all: boolean) => Header[] {
  const messagesOf = (rows: readonly number[]) => new Set(rows.map((row) => batch.messageOf[row] ?? -1))
  const told = findings.map((finding) => ({
    detector: finding.detector,
    header: textHeader('taster-finding', findingText(finding)),
    concerns: messagesOf(finding.rows),
    suspects: messagesOf(finding.explanation.suspects),
  }))
  return (message, all) => {
    const own = told.filter(({ concerns, suspects }) => concerns.has(message) || suspects.has(message))
    const others = all ? told.filter((each) => !own.includes(each)) : []
    const shown = [...own, ...others].slice(0, mostFindings)
    const suspecting = new Set(own.filter(({ suspects }) => suspects.has(message)).map(({ detector }) => detector))
    return [
      ...shown.map(({ header }) => header),
      ...Array.from(suspecting, (detector) => textHeader('taster-suspect', detector)),
    ]
  }
}

/** JSON of at most 1 KB: its texts become shorter until it fits. */
function findingText({ detector, subject, explanation }: Finding): string {
  for (const most of [200, 100, 50]) {
    const text = JSON.stringify({
      detector: printable(detector, most),
      subject: printableSubject(subject, most),
      summary: printable(explanation.summary, most),
    })
    if (Buffer.byteLength(text) <= mostBytes) return text
  }
  return JSON.stringify({ detector: printable(detector, 50), subject: { kind: subject.kind }, summary: '…' })
}

function printableSubject(subject: Subject, most: number): Subject {
  const name = (text: string) => printable(text, most)
  switch (subject.kind) {
    case 'stream':
      return subject
    case 'source':
    case 'label':
      return { ...subject, name: name(subject.name) }
    case 'pair':
      return { ...subject, source: name(subject.source), from: name(subject.from), to: name(subject.to) }
    case 'feature':
      return { ...subject, label: name(subject.label) }
  }
}
