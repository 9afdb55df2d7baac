import { MultiBar, Presets } from 'cli-progress'
import type { Outcome } from '../core/line.ts'
import { flagsOf, isFlaggedBatch, type Flag } from './flagged.ts'
import { coloursFor, printable, widthOf, wrap } from './terminal.ts'
import { counted } from './wording.ts'

/** What a person watches while a line runs. All of it goes to stderr: stdout is for results. */
export interface Progress {
  step(text: string): void
  batch(outcome: Outcome): void
  close(): void
}

/** How far reading has come. `totalBytes` is 0 where nobody knows. */
export interface Reading {
  readonly totalBytes: number
  readBytes(): number
}

const quietMs = 5000

const judged = (records: number, flagged: number) =>
  `${counted(records, 'record')} judged, ${counted(flagged, 'batch', 'batches')} flagged`

/** A bar on a terminal, plain lines otherwise. */
export function openProgress(reading: Reading, stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? onTerminal(reading, stream) : inLines(stream)
}

function inLines(stream: NodeJS.WriteStream): Progress {
  let records = 0
  let flagged = 0
  let told = Date.now()
  return {
    step: (text) => void stream.write(`${printable(text, 500)}\n`),
    batch(outcome) {
      records += outcome.verdict.rulings.length
      if (isFlaggedBatch(outcome)) {
        flagged++
        for (const { mark, text } of flagsOf(outcome)) stream.write(`${mark} ${text}\n`)
      }
      if (Date.now() - told < quietMs) return
      told = Date.now()
      stream.write(`${judged(records, flagged)}\n`)
    },
    close() {},
  }
}

function onTerminal(reading: Reading, stream: NodeJS.WriteStream): Progress {
  const { red, yellow, dim } = coloursFor(stream)
  const format =
    reading.totalBytes === 0
      ? '{judged}, {duration_formatted}'
      : '{bar} {percentage} % | {judged} | {eta_formatted} left'
  const bars = new MultiBar(
    {
      stream,
      format,
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: true,
      fps: 5,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  const total = Math.max(1, reading.totalBytes)
  let bar: ReturnType<MultiBar['create']> | undefined
  let records = 0
  let flagged = 0

  const tell = (text: string) => {
    if (bar === undefined) stream.write(`${text}\n`)
    else bars.log(`${text}\n`)
  }
  const lineOf = ({ mark, text, news }: Flag): string => {
    // wrapped while it is plain: colours take no room on the screen
    const rest = wrap(`${mark} ${text}`, widthOf(stream), '  ', '').slice(mark.length)
    const line = (mark === 'observed' ? yellow : red)(mark) + rest
    return news ? line : dim(line)
  }
  return {
    step: (text) => tell(wrap(printable(text, 500), widthOf(stream), '  ', '')),
    batch(outcome) {
      records += outcome.verdict.rulings.length
      bar ??= bars.create(total, 0, { judged: '' })
      if (isFlaggedBatch(outcome)) {
        flagged++
        for (const flag of flagsOf(outcome)) tell(lineOf(flag))
      }
      bar.update(Math.min(reading.readBytes(), total), { judged: judged(records, flagged) })
    },
    close() {
      if (bar !== undefined) bars.stop()
      bar = undefined
    },
  }
}
