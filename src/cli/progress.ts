import { MultiBar, Presets } from 'cli-progress'
import type { Outcome } from '../core/line.ts'
import { coloursFor, printable } from './terminal.ts'
import { count, counted, fromLog, place, subjectName } from './wording.ts'

/** What a person watches while a line runs. All of it goes to stderr: stdout is for results. */
export interface Progress {
  step(text: string): void
  batch(outcome: Outcome): void
  close(): void
}

const quietMs = 5000

/** One line about a batch that was flagged: where it is and why. */
export function flaggedLine({ batch, verdict }: Outcome, stream: NodeJS.WriteStream): string {
  const { red, yellow, dim } = coloursFor(stream)
  const first = batch.messages[0]
  const where = first === undefined ? 'a batch' : place(first.at)
  const fresh = verdict.findings.filter(({ raised }) => raised)
  const mark = verdict.decision === 'pass' ? yellow('observed') : red('quarantined')
  const size = counted(batch.id.length, 'record')
  if (verdict.findings.length === 0) {
    const reason = verdict.rulings.find((ruling) => ruling.decision === 'quarantine')?.reason ?? ''
    return `${mark} ${where}, ${size}: ${printable(reason, 200)}`
  }
  if (fresh.length === 0) {
    const lasting = verdict.findings.map(({ detector, subject }) => `${detector}: ${subjectName(subject)}`)
    return dim(`${mark} ${where}, ${size}: ${lasting.join('; ')}, still above the budget`)
  }
  return fresh
    .map(
      ({ detector, explanation, logE, threshold }) =>
        `${mark} ${where}, ${size}: ${detector}: ${printable(explanation.summary, 300)} ${dim(`(e = ${fromLog(logE)}, alarm from ${fromLog(threshold)})`)}`,
    )
    .join('\n')
}

const isFlagged = ({ verdict }: Outcome) => verdict.decision !== 'pass' || verdict.findings.length > 0

/** How far reading has come. `totalBytes` is 0 where nobody knows. */
export interface Reading {
  readonly totalBytes: number
  readBytes(): number
}

/** A bar on a terminal, plain lines otherwise. */
export function openProgress(reading: Reading, stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? onTerminal(reading, stream) : inLines(stream)
}

function inLines(stream: NodeJS.WriteStream): Progress {
  let records = 0
  let flagged = 0
  let told = Date.now()
  return {
    step: (text) => void stream.write(`${printable(text)}\n`),
    batch(outcome) {
      records += outcome.verdict.rulings.length
      if (isFlagged(outcome)) {
        flagged++
        stream.write(`${flaggedLine(outcome, stream)}\n`)
      }
      if (Date.now() - told < quietMs) return
      told = Date.now()
      stream.write(`${counted(records, 'record')} judged, ${counted(flagged, 'batch', 'batches')} flagged\n`)
    },
    close() {},
  }
}

function onTerminal(reading: Reading, stream: NodeJS.WriteStream): Progress {
  const bars = new MultiBar(
    {
      stream,
      format:
        reading.totalBytes === 0
          ? '{records} records judged, {flagged} batches flagged, {duration_formatted}'
          : '{bar} {percentage} % | {records} records, {flagged} batches flagged | {eta_formatted} left',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      fps: 5,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  let bar: ReturnType<MultiBar['create']> | undefined
  let records = 0
  let flagged = 0
  return {
    step(text) {
      if (bar === undefined) stream.write(`${printable(text)}\n`)
      else bars.log(`${printable(text)}\n`)
    },
    batch(outcome) {
      records += outcome.verdict.rulings.length
      const total = Math.max(1, reading.totalBytes)
      bar ??= bars.create(total, 0, { records: '0', flagged: '0' })
      if (isFlagged(outcome)) {
        flagged++
        bars.log(`${flaggedLine(outcome, stream)}\n`)
      }
      bar.update(Math.min(reading.readBytes(), total), { records: count(records), flagged: count(flagged) })
    },
    close() {
      bars.stop()
    },
  }
}
