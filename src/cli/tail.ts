import { once } from 'node:events'
import { Command } from 'commander'
import { tail } from '../kafka/tail.ts'
import { brokerFlags, brokersHelp, clientFor, type BrokerFlags } from './brokers.ts'
import { wholeNumber } from './flags.ts'
import { onInterrupt } from './interrupt.ts'
import { seenOf, type Seen } from './tail-seen.ts'
import { openTailView } from './tail-view.ts'
import { coloursFor, printable, widthOf } from './terminal.ts'
import { counted } from './wording.ts'

interface TailFlags extends BrokerFlags {
  readonly from: string
  readonly count?: string
  readonly values?: boolean
  readonly json?: boolean
}

const help = `
Shows what pipelines find as they find it. On an events topic: batches held
back, alarms, recalls, dead letters, in words; on clean, quarantine and dead
letter topics: each record's verdict and why. Reads all partitions, only what is
committed, and joins no group, so it can be started anywhere at any time.
Contents of records are shown with --values alone.
${brokersHelp}

Exit code: 0 --count is reached, 2 an error, 130 or 143 interrupted.

Examples:
  $ taster tail taster.events --brokers localhost:9092
  $ taster tail mail.quarantine --from 20
  $ taster tail mail.clean mail.quarantine mail.dead-letter --from earliest
  $ taster tail taster.events --json --count 1 | jq .event.data`

const mostBack = 1000

function fromOf(value: string): 'earliest' | 'latest' | number {
  if (value === 'earliest' || value === 'latest') return value
  return wholeNumber('--from (besides earliest and latest)', value, 1, mostBack)
}

async function follow(topics: readonly string[], flags: TailFlags): Promise<void> {
  const from = fromOf(flags.from)
  const most = flags.count === undefined ? Infinity : wholeNumber('--count', flags.count, 1, 1e12)
  const client = clientFor(flags)
  const view = openTailView({ width: widthOf(process.stdout), colours: coloursFor(process.stdout) })
  const interrupt = onInterrupt()
  const enough = new AbortController()
  const signal = AbortSignal.any([interrupt.signal, enough.signal])
  // A reader that has seen enough, `| head` say, ends it.
  process.stdout.once('close', () => enough.abort())
  let left = most
  const show = async (seen: Seen) => {
    if (left <= 0) return
    left--
    const flowing = process.stdout.write(flags.json === true ? `${JSON.stringify(seen)}\n` : view(seen))
    if (left === 0) enough.abort()
    else if (!flowing) await once(process.stdout, 'drain', { signal }).catch(() => {})
  }
  const say = (text: string) => process.stderr.write(`${printable(text, 1000)}\n`)
  try {
    await tail(client, topics, {
      from,
      signal,
      of: (message) => seenOf(message, flags.values === true),
      show,
      ready: (partitions) => say(`following ${counted(partitions, 'partition')} of ${topics.join(', ')}`),
      trouble: say,
    })
    process.exitCode = interrupt.exitCode() ?? 0
  } finally {
    interrupt.close()
  }
}

export function tailCommand(): Command {
  const command = new Command('tail')
    .description('show verdicts and events of topics as they happen')
    .argument('<topic...>', 'topics: of events, clean, quarantine or dead letters')
    .optionsGroup('What to show:')
    .option('--from <where>', 'earliest, latest, or how many messages before the end', 'latest')
    .option('--count <number>', 'stop after so many messages')
    .option('--values', 'show keys and values of messages, too')
    .option('--json', 'one JSON document a line on stdout')
  return brokerFlags(command).addHelpText('after', help).action(follow)
}
