import { MultiBar, Presets } from 'cli-progress'
import type { Outcome } from '../core/line.ts'
import { flagsOf, isFlaggedBatch, type Flag } from './flagged.ts'
import { coloursFor, printable, widthOf, wrap } from './terminal.ts'
import { counted, place } from './wording.ts'

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

/** Where a batch ends. */
function lastRow({ batch, verdict }: Outcome): string {
  const last = verdict.rulings.at(-1)
  const at = batch.messages[last?.message ?? -1]?.at
  return at === undefined || last === undefined ? 'its end' : place(at, last.row)
}

function inLines(stream: NodeJS.WriteStream): Progress {
  let records = 0
  let flagged = 0
  let told = Date.now()
  let lasting: { batches: number; upTo: string } | undefined // batches in a row with no news
  const endLasting = () => {
    if (lasting !== undefined && lasting.batches > 0)
      stream.write(`… ${counted(lasting.batches, 'more batch', 'more batches')} up to ${lasting.upTo}\n`)
    lasting = undefined
  }
  return {
    step(text) {
      endLasting()
      stream.write(`${printable(text, 500)}\n`)
    },
    batch(outcome) {
      records += outcome.verdict.rulings.length
      const flags = isFlaggedBatch(outcome) ? flagsOf(outcome) : []
      if (flags.length > 0) flagged++
      if (flags.length > 0 && flags.every(({ news }) => !news) && lasting !== undefined) {
        lasting = { batches: lasting.batches + 1, upTo: lastRow(outcome) }
      } else {
        endLasting()
        for (const { mark, text } of flags) stream.write(`${mark} ${text}\n`)
        if (flags.length > 0 && flags.every(({ news }) => !news)) lasting = { batches: 0, upTo: '' }
      }
      if (Date.now() - told < quietMs) return
      told = Date.now()
      stream.write(`${judged(records, flagged)}\n`)
    },
    close: endLasting,
  }
}

/** The bar's estimate in seconds; words stand for it while no rate is known. */
export function timeLeft(seconds: unknown): string {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return 'time left not known yet'
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} min left`
  return minutes > 0 ? `${minutes} min ${Math.floor(seconds % 60)} s left` : `${Math.floor(seconds)} s left`
}

function onTerminal(reading: Reading, stream: NodeJS.WriteStream): Progress {
  const { red, yellow, dim } = coloursFor(stream)
  const format =
    reading.totalBytes === 0 ? '{judged}, {duration_formatted}' : '{bar} {percentage} % | {judged} | {eta_formatted}'
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
      ...(reading.totalBytes > 0 && { formatTime: timeLeft }),
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
