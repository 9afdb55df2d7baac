import { Command } from 'commander'
import { TasterError } from '../core/errors.ts'
import { formats } from '../engine/pipeline.ts'
import { defaultLimits } from '../engine/decode/limits.ts'
import { formatNames } from '../files/format.ts'
import { openFiles, type FilesSource } from '../files/source.ts'
import { codecs } from '../kafka/codecs.ts'
import { openPublisher } from '../kafka/produce.ts'
import { brokerFlags, brokersHelp, clientFor, type BrokerFlags } from './brokers.ts'
import { mustHaveInput, onInterrupt, untilInterrupted } from './interrupt.ts'
import { chosen, wholeNumber } from './flags.ts'
import { openSendProgress } from './produce-progress.ts'
import { openRate } from './rate.ts'
import { sendFiles, type Sent } from './send-files.ts'
import { printable } from './terminal.ts'
import { count, counted } from './wording.ts'

interface ProduceFlags extends BrokerFlags {
  readonly topic: string
  readonly format?: string
  readonly rows: string
  readonly rate?: string
  readonly key?: string
  readonly partitioner?: string
  readonly compression: string
  readonly json?: boolean
}

const help = `
Reads what taster inspect reads: NDJSON, JSON, CSV, TSV, Parquet and Arrow,
compressed or not, folders of them, and - for stdin. A row becomes one message:
its bytes without the line end, and headers that say how to read them. Rows of
Parquet and Arrow files travel as Arrow streams of up to --rows rows each.

Records are shared out among the partitions in turn, or by their key. Every
record is written once, whatever has to be tried again. Ctrl-C stops after what
the brokers have acknowledged and says how much that is.
${brokersHelp}

Exit code: 0 all of it is on the topic, 2 not all could be read or written,
130 or 143 interrupted.

Examples:
  $ taster produce stream.ndjson --topic mail --brokers localhost:9092
  $ taster produce mails.csv --topic mail --rate 200 --key source
  $ taster produce images.parquet --topic digits --rows 500 --compression zstd
  $ zcat old.ndjson.gz | taster produce - --topic mail --json`

const partitioners = ['key', 'round-robin'] as const

function rateOf(value: string | undefined): number | null {
  if (value === undefined) return null
  const rate = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN
  if (rate >= 0.001 && rate <= 1e9) return rate
  throw new TasterError('CONFIG_INVALID', '--rate needs a number of records a second', {
    problems: [{ where: '--rate', message: `${JSON.stringify(value)} is none`, remedy: 'give one from 0.001 on' }],
  })
}

interface Result extends Sent {
  readonly topic: string
  readonly partitions: number
  readonly seconds: number
  readonly interrupted: boolean
  readonly unreadable: readonly { readonly file: string; readonly row: number; readonly reason: string }[]
}

function tell(result: Result, json: boolean): void {
  const { topic, partitions, records, messages, seconds, bytes, interrupted, unreadable } = result
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  const stream = json ? process.stderr : process.stdout
  const rate = seconds > 0 ? ` (${count(Math.round(records / seconds))} a second)` : ''
  const what =
    messages === records
      ? counted(records, 'record')
      : `${counted(records, 'record')} in ${counted(messages, 'message')}`
  stream.write(
    `${interrupted ? 'interrupted: ' : ''}${what}, ${(bytes / 1e6).toFixed(1)} MB, ` +
      `on ${counted(partitions, 'partition')} of ${topic} in ${seconds.toFixed(1)} s${rate}\n`,
  )
  for (const { file, row, reason } of unreadable)
    process.stderr.write(
      `warning: ${printable(file, 200)} is damaged from row ${count(row)} on and not sent further: ${printable(reason, 300)}\n`,
    )
}

/** What an error leaves behind: without it nobody would know where to go on. */
function tellUnfinished({ records, unanswered }: Sent, topic: string): void {
  if (records === 0 && unanswered === 0) return
  const perhaps = unanswered > 0 ? `; of ${count(unanswered)} more it is not known` : ''
  process.stderr.write(`${counted(records, 'record')} acknowledged on ${topic}${perhaps}\n`)
}

async function filesOf(paths: readonly string[], flags: ProduceFlags, signal: AbortSignal): Promise<FilesSource> {
  if (paths.includes('-')) mustHaveInput()
  const format = flags.format === undefined ? undefined : formatNames.get(chosen('--format', flags.format, formats))
  return openFiles(paths, {
    batchRecords: wholeNumber('--rows', flags.rows, 1, 1_000_000),
    limits: { ...defaultLimits, recordBytes: 2 ** 30 }, // what is too large is for the topic to say
    ...(format !== undefined && { format }),
    ...(paths.includes('-') && { stdin: untilInterrupted(process.stdin, signal) }),
  })
}

async function produce(paths: readonly string[], flags: ProduceFlags): Promise<void> {
  const perSecond = rateOf(flags.rate)
  const compression = chosen('--compression', flags.compression, codecs)
  const partitioner = flags.partitioner === undefined ? 'key' : chosen('--partitioner', flags.partitioner, partitioners)
  const client = clientFor(flags)
  const interrupt = onInterrupt()
  const { signal } = interrupt
  const unreadable: Result['unreadable'][number][] = [] // one a file at most
  const sent: Sent = { records: 0, messages: 0, bytes: 0, unanswered: 0 }
  try {
    const source = await filesOf(paths, flags, signal)
    try {
      for (const { path, reason } of source.skipped)
        process.stderr.write(`${printable(path, 200)} is left out: ${reason}\n`)
      const progress = openSendProgress(source)
      const trouble = ({ message }: TasterError) => progress.trouble(`${message}; trying again`)
      const publisher = await openPublisher(client, flags.topic, { compression, trouble })
      const started = performance.now()
      try {
        await sendFiles(
          source,
          publisher,
          {
            keyColumn: flags.key ?? null,
            roundRobin: partitioner === 'round-robin',
            compressed: compression !== 'none',
            rate: perSecond === null ? null : openRate(perSecond),
            signal,
            progress,
            unreadable: ({ at, reason }) => unreadable.push({ file: at.topic, row: Number(at.offset) + 1, reason }),
          },
          sent,
        )
      } catch (error) {
        progress.close()
        tellUnfinished(sent, flags.topic)
        throw error
      } finally {
        progress.close()
        await publisher.close()
      }
      const seconds = (performance.now() - started) / 1000
      const { partitions } = publisher
      tell(
        { topic: flags.topic, partitions, ...sent, seconds, interrupted: signal.aborted, unreadable },
        flags.json === true,
      )
      process.exitCode = interrupt.exitCode() ?? (unreadable.length > 0 ? 2 : 0)
    } finally {
      await source.close()
    }
  } finally {
    interrupt.close()
  }
}

export function produceCommand(): Command {
  const command = new Command('produce')
    .description("put files' records on a topic")
    .argument('<path...>', 'files, folders, or - for stdin')
    .requiredOption('--topic <topic>', 'where to')
    .optionsGroup('How to read:')
    .option('--format <format>', `${formats.join(', ')}; otherwise files say so by their names`)
    .option('--rows <number>', 'rows of a Parquet or Arrow file that make one message, at most', '100')
    .optionsGroup('How to send:')
    .option('--rate <number>', 'records a second; otherwise as fast as it goes')
    .option('--key <column>', "column whose text becomes the message's key")
    .option('--partitioner <what>', `${partitioners.join(' or ')}: what chooses the partition`)
    .option('--compression <codec>', codecs.join(', '), 'none')
    .option('--json', 'a summary as one JSON document on stdout')
  return brokerFlags(command).addHelpText('after', help).action(produce)
}
