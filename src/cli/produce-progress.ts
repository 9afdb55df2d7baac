import { MultiBar, Presets } from 'cli-progress'
import { timeLeft, type Reading } from './progress.ts'
import { printable, widthOf, wrap } from './terminal.ts'
import { counted } from './wording.ts'

/** What a person watches while records are sent. All of it goes to stderr: stdout is for results. */
export interface SendProgress {
  sent(records: number): void // altogether
  /** Trouble is told once, until records are sent again. */
  trouble(text: string): void
  close(): void
}

const everyMs = 5000
const longest = 500 // characters

/** A bar on a terminal, a plain line every five seconds otherwise. */
export function openSendProgress(reading: Reading, stream: NodeJS.WriteStream = process.stderr): SendProgress {
  const display = stream.isTTY ? onTerminal(reading, stream) : inLines(stream)
  let inTrouble = false
  return {
    sent(records) {
      inTrouble = false
      display.sent(records)
    },
    trouble(text) {
      if (!inTrouble) display.say(`${printable(text, longest)}\n`)
      inTrouble = true
    },
    close: () => display.close(),
  }
}

interface Display {
  sent(records: number): void
  say(line: string): void
  close(): void
}

function inLines(stream: NodeJS.WriteStream): Display {
  let told = performance.now()
  return {
    sent(records) {
      if (performance.now() - told < everyMs) return
      told = performance.now()
      stream.write(`${counted(records, 'record')} sent\n`)
    },
    say: (line) => stream.write(line),
    close() {},
  }
}

function onTerminal(reading: Reading, stream: NodeJS.WriteStream): Display {
  const known = reading.totalBytes > 0
  const bars = new MultiBar(
    {
      stream,
      format: known ? '{bar} {percentage} % | {sent} | {eta_formatted}' : '{sent}, {duration_formatted}',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: true,
      fps: 5,
      gracefulExit: false,
      ...(known && { formatTime: timeLeft }),
    },
    Presets.shades_classic,
  )
  const total = Math.max(1, reading.totalBytes)
  let bar: ReturnType<MultiBar['create']> | undefined
  return {
    sent(records) {
      bar ??= bars.create(total, 0, { sent: '' })
      bar.update(Math.min(reading.readBytes(), total), { sent: `${counted(records, 'record')} sent` })
    },
    say(line) {
      const text = wrap(line, widthOf(stream), '  ', '')
      if (bar === undefined) stream.write(text)
      else bars.log(text)
    },
    close() {
      if (bar !== undefined) bars.stop()
      bar = undefined
    },
  }
}
