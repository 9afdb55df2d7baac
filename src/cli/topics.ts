import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { TasterError } from '../core/errors.ts'
import { parsePipeline } from '../engine/pipeline.ts'
import type { Client } from '../kafka/client.ts'
import { needsOf } from '../kafka/topic-needs.ts'
import { planTopics, type PlannedTopic, type PlanOptions } from '../kafka/topic-plan.ts'
import { applyPlan, readTopics } from '../kafka/topics.ts'
import { brokerFlags, brokersHelp, clientFor, type BrokerFlags } from './brokers.ts'
import { mustBeDistinct, type Given } from './distinct.ts'
import { wholeNumber } from './flags.ts'
import { loadRegistries, readPipeline } from './settings.ts'
import { coloursFor } from './terminal.ts'
import { renderPlan } from './topics-view.ts'
import { counted } from './wording.ts'

interface TopicsFlags extends BrokerFlags {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly partitions: string
  readonly replicas?: string
  readonly keepDays: string
  readonly maxMessageBytes?: string
}

const help = `
Shows what the pipelines need of their topics and what would change, asks, and
does it: input (created only where it is missing), clean, quarantine and dead
letter (as many partitions as the input, its largest message and room for
headers), events, and the compacted topic for evidence. Nothing is deleted, no
limit lowered, no partition removed; settings of your own stay.

Where producers compress, messages may be larger than the input's limit once
they are unpacked: --max-message-bytes says how large outputs have to take them.

Evidence is gathered by partition. A new input gets one partition, so that all
of it counts together; more let more processes share the work, and each sees
only its part, unless records are keyed by their source.
${brokersHelp}

Exit code: 0 done or nothing to do, 1 changes are pending (--dry-run, or the
answer was no), 2 an error.

Examples:
  $ taster topics pipelines/mail.yaml --dry-run
  $ KAFKA_BROKERS=localhost:9092 taster topics pipelines/*.yaml --yes
  $ taster topics pipelines/mail.yaml --brokers kafka-1:9093 --partitions 6
  $ taster topics pipelines/mail.yaml --dry-run --json | jq '.topics[].action'`

const dayMs = 86_400_000

function planOptions(flags: TopicsFlags): PlanOptions {
  const number = (flag: string, value: string | undefined, most: number) =>
    value === undefined ? null : wholeNumber(flag, value, 1, most)
  return {
    partitions: wholeNumber('--partitions', flags.partitions, 1, 10_000),
    replicas: number('--replicas', flags.replicas, 100),
    keepMs: wholeNumber('--keep-days', flags.keepDays, 1, 36_500) * dayMs,
    messageBytes: number('--max-message-bytes', flags.maxMessageBytes, 2 ** 30),
  }
}

async function planFor(client: Client, files: readonly string[], options: PlanOptions): Promise<PlannedTopic[]> {
  const registries = await loadRegistries()
  const given: Given[] = []
  for (const file of files) given.push({ file, pipeline: parsePipeline(await readPipeline(file), file, registries) })
  mustBeDistinct(given)
  const needs = needsOf(given.map(({ pipeline }) => pipeline))
  const cluster = await readTopics(
    client,
    needs.map(({ topic }) => topic),
  )
  return planTopics(needs, cluster, options)
}

function mustHaveConsent(): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return
  throw new TasterError('CONFIG_INVALID', 'The topics are not as they should be, and nobody is here to agree', {
    problems: [{ where: '--yes', message: 'it is not given', remedy: 'give it to make the changes listed above' }],
  })
}

async function agrees(pending: number): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const question = `Make ${pending === 1 ? 'this change' : `these ${pending} changes`}? [y/N] `
    const closed = once(lines, 'close').then(() => '') // Ctrl-C and Ctrl-D are a no
    const answer = await Promise.race([lines.question(question).catch(() => ''), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}

async function topics(files: readonly string[], flags: TopicsFlags): Promise<void> {
  const options = planOptions(flags)
  const client = clientFor(flags)
  const plan = await planFor(client, files, options)
  const pending = plan.filter(({ action }) => action !== 'none').length
  const json = flags.json === true
  const stream = json ? process.stderr : process.stdout
  const tellResult = (applied: boolean) => {
    if (json)
      process.stdout.write(`${JSON.stringify({ applied, pending: applied ? 0 : pending, topics: plan }, null, 2)}\n`)
  }
  stream.write(renderPlan(plan, coloursFor(stream)))
  // Brokers are asked first whether they would do all of it, so that nothing is left half done.
  await applyPlan(client, plan, { validateOnly: true })
  if (pending > 0 && flags.dryRun !== true && flags.yes !== true) mustHaveConsent()
  const goes = flags.dryRun !== true && (pending === 0 || flags.yes === true || (await agrees(pending)))
  if (!goes) {
    tellResult(false)
    process.exitCode = pending === 0 ? 0 : 1
    return
  }
  const done = ({ topic, action }: PlannedTopic) =>
    process.stderr.write(`${topic} ${action === 'create' ? 'created' : 'changed'}\n`)
  await applyPlan(client, plan, { validateOnly: false, done })
  if (pending > 0) process.stderr.write(`${counted(pending, 'topic')} done\n`)
  tellResult(pending > 0)
}

export function topicsCommand(): Command {
  const command = new Command('topics')
    .description('create the topics that pipelines need, or show what would change')
    .argument('<pipeline...>', 'pipeline YAML files')
    .optionsGroup('What to do:')
    .option('--dry-run', 'only show what would change')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'the plan as one JSON document on stdout; words go to stderr')
    .optionsGroup('What new topics are like:')
    .option('--partitions <number>', 'of an input that is missing', '1')
    .option('--replicas <number>', 'of each topic; otherwise 3, or as many as there are brokers')
    .option('--keep-days <days>', 'how long quarantine, dead letters and events stay at least', '30')
    .option(
      '--max-message-bytes <bytes>',
      'largest message of a new input and of outputs; otherwise as the input has it',
    )
  return brokerFlags(command).addHelpText('after', help).action(topics)
}
