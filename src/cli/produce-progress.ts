import { Presets, SingleBar } from 'cli-progress'
import type { Reading } from './progress.ts'
import { timeLeft } from './progress.ts'
import { counted } from './wording.ts'

/** What a person watches while records are sent. */
export interface SendProgress {
  sent(records: number): void // altogether
  close(): void
}

const everyMs = 5000

/** A bar on a terminal, a plain line every five seconds otherwise; both on stderr. */
export function openSendProgress(reading: Reading, stream: NodeJS.WriteStream = process.stderr): SendProgress {
  return stream.isTTY ? onTerminal(reading, stream) : inLines(stream)
}

function inLines(stream: NodeJS.WriteStream): SendProgress {
  let told = performance.now()
  return {
    sent(records) {
      if (performance.now() - told < everyMs) return
      told = performance.now()
      stream.write(`${counted(records, 'record')} sent\n`)
    },
    close() {},
  }
}

function onTerminal(reading: Reading, stream: NodeJS.WriteStream): SendProgress {
  const known = reading.totalBytes > 0
  const bar = new SingleBar(
    {
      stream,
      format: known ? '{bar} {percentage} % | {sent} | {eta_formatted}' : '{sent}, {duration_formatted}',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      fps: 5,
      gracefulExit: false,
      ...(known && { formatTime: timeLeft }),
    },
    Presets.shades_classic,
  )
  const total = Math.max(1, reading.totalBytes)
  bar.start(total, 0, { sent: '' })
  return {
    sent: (records) => bar.update(Math.min(reading.readBytes(), total), { sent: `${counted(records, 'record')} sent` }),
    close: () => bar.stop(),
  }
}
