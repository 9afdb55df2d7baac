import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { brokerFlags, brokersHelp, clientFor, type BrokerFlags } from '../src/cli/brokers.ts'
import { describeFailure } from '../src/cli/failure.ts'
import { onInterrupt } from '../src/cli/interrupt.ts'
import { openSendProgress } from '../src/cli/produce-progress.ts'
import { openRate } from '../src/cli/rate.ts'
import type { OutMessage } from '../src/kafka/outbound.ts'
import { openPartitioner, openPublisher, type Publisher } from '../src/kafka/produce.ts'
import { frequency, attacksInsteadOf, share, wholeNumber } from './flags.ts'
import { attacked, attacks, describeInjected, mailByDay } from './scenario.ts'

interface Flags extends BrokerFlags {
  readonly topic: string
  readonly rate: number
  readonly attack: readonly string[]
  readonly dose?: number
  readonly seed: number
}

const help = `
Attacks: ${[...attacks.keys()].join(', ')}; none with --attack none.
Each message has one mail as JSON, and its source as the key.
${brokersHelp}

Examples:
  $ node dist/demo/play.js --brokers localhost:9092 --topic training.mail
  $ node dist/demo/play.js --topic training.mail --rate 50 --attack source-flip --seed 7`

const unlessNamed: readonly string[] = ['trigger-word']
const chunkMessages = 500

async function play({ topic, rate, attack, dose, seed, ...broker }: Flags): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const mail = await mailByDay()
  const scenario = attacked(mail.stream, mail.lines, attack, dose ?? null, seed)
  say(`${scenario.lines.length} mails to ${topic}, ${rate} a second; seed ${seed}`)
  for (const line of describeInjected(scenario)) say(line)

  const interrupt = onInterrupt()
  const trouble = ({ message }: Error) => say(`${message}; trying again`)
  const publisher = await openPublisher(clientFor(broker), topic, { compression: 'none', trouble })
  try {
    await send(scenario.lines, publisher, rate, interrupt.signal)
  } finally {
    interrupt.close()
    await publisher.close()
  }
  process.exitCode = interrupt.exitCode() ?? 0
}

async function send(lines: readonly string[], publisher: Publisher, perSecond: number, signal: AbortSignal) {
  const rate = openRate(perSecond)
  const partitionFor = openPartitioner(publisher.partitions)
  let sent = 0
  const progress = openSendProgress({ totalBytes: lines.length, readBytes: () => sent })
  try {
    while (sent < lines.length && !signal.aborted) {
      const ready: OutMessage[] = []
      while (sent + ready.length < lines.length && ready.length < chunkMessages && rate.wait() === 0) {
        ready.push(messageOf(lines[sent + ready.length] ?? '', partitionFor))
        rate.spend(1)
      }
      if (ready.length > 0) await publisher.send(ready, () => {})
      sent += ready.length
      progress.sent(sent)
      await sleep(rate.wait(), undefined, { signal }).catch(() => {})
    }
  } finally {
    progress.close()
  }
  process.stderr.write(`${sent} mails sent\n`)
}

function messageOf(line: string, partitionFor: (key: Uint8Array) => number): OutMessage {
  const { source } = JSON.parse(line) as { readonly source: string }
  const key = Buffer.from(source)
  return { key, value: Buffer.from(line), headers: [], timestamp: String(Date.now()), partition: partitionFor(key) }
}

const command = new Command('node dist/demo/play.js')
  .description('Plays a real mail stream with injected attacks on a topic, as pipelines/mail.yaml reads it.')
  .requiredOption('--topic <topic>', 'where to')
  .option('--rate <number>', 'mails a second', frequency, 200)
  .option('--attack <name>', 'attack to inject; may be repeated', attacksInsteadOf(unlessNamed), unlessNamed)
  .option(
    '--dose <share>',
    "share of the stream (of the source, for source-flip) that each attack poisons; otherwise each attack's own",
    share,
  )
  .option('--seed <number>', 'of the attacks', wholeNumber, 1)
  .showHelpAfterError('(--help shows what there is)')

try {
  await brokerFlags(command).addHelpText('after', help).action(play).parseAsync()
} catch (error) {
  process.stderr.write(`${describeFailure(error, process.stderr)}\n`)
  process.exitCode = 2
}
