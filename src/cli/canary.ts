import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { openDesk } from '../engine/desk.ts'
import { brokerFlags } from './brokers.ts'
import { canaryFollow } from './canary-follow.ts'
import { canaryOnce } from './canary-once.ts'
import { canaryRequest, type CanaryFlags, type CanaryRequest } from './canary-request.ts'
import { renderCanary } from './canary-view.ts'
import { onInterrupt } from './interrupt.ts'
import { inputOf } from './replay-request.ts'
import { coloursFor, widthOf } from './terminal.ts'

const help = `
How soon would an attack be noticed? Records are judged as the pipeline does,
and now and then, for some batches, a second judge that knows as much gets the
same batches with a few records replaced by poisons: labels flipped, a trigger
inserted, one record copied. The poisons are made of the stream's own records,
a secret draws which and when, and they are never written anywhere.

With a pipeline alone it follows the pipeline's topic beside taster start, in a
process of its own: it joins no group, needs READ on the input topic and WRITE
on the events topic, and tells a taster.canary.finished event of each trial. It
logs JSON lines and serves /healthz, /readyz and /metrics (TASTER_HTTP_PORT,
9465 unless set). It begins with nothing learnt and judges every record, so it
takes as much computing as one more taster start, and --share more.

With files, or with --to, it reads once and ends with a table: what the detectors
are worth on this data, before they go live.

Environment: TASTER_CANARY_KEY, or TASTER_CANARY_KEY_FILE: the secret, 16 bytes
or more; otherwise each process draws one. The rest as in taster start --help.

Exit code: 0 done or stopped, 1 no progress, 2 the work could not be done, 130 or
143 interrupted before the end of what was to be read.

Examples:
  $ taster canary old/ -p pipelines/mail.yaml --batches 20 --passes 10
  $ taster canary -p mail.yaml --from 2026-11-01 --to 2026-11-08
  $ taster canary old/ -p mail.yaml --attack trigger-word,source-flips --rate 0.01
  $ KAFKA_BROKERS=localhost:9092 taster canary pipelines/mail.yaml`

async function once(request: CanaryRequest, flags: CanaryFlags): Promise<void> {
  const input = await inputOf(request.paths, { ...flags, pipeline: flags.pipeline ?? '' }, request.pipeline)
  const interrupt = onInterrupt()
  const scratch = await mkdtemp(join(tmpdir(), 'taster-'))
  const desk = openDesk()
  try {
    const report = await canaryOnce(input, request, { desk, scratch, signal: interrupt.signal })
    if (flags.json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    const stream = flags.json === true ? process.stderr : process.stdout
    stream.write(`\n${renderCanary(report, { width: widthOf(stream), colours: coloursFor(stream) })}`)
    process.exitCode = interrupt.exitCode() ?? 0
  } catch (error) {
    const code = interrupt.exitCode()
    if (code === undefined) throw error
    process.stderr.write('interrupted before anything was judged\n')
    process.exitCode = code
  } finally {
    interrupt.close()
    await desk.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function canary(given: readonly string[], flags: CanaryFlags): Promise<void> {
  const request = await canaryRequest(given, flags)
  await (request.follows ? canaryFollow(request, flags) : once(request, flags))
}

export function canaryCommand(): Command {
  const command = new Command('canary')
    .description('try poisons beside a stream, and measure which of them are caught, and how soon')
    .argument('[path...]', 'files or folders, with --pipeline; or a pipeline whose topic is followed')
    .option('-p, --pipeline <file>', 'pipeline YAML: how records are judged')
    .option('-b, --baseline <folder>', 'another baseline')
    .option('--budget <budget>', "acceptable false alarms, as in '1 per 1000 batches'")
    .optionsGroup('What to try:')
    .option('--attack <name,…>', 'otherwise every one that the records allow, in turn')
    .option('--rate <share>', 'of the records, poisoned while a trial lasts', '0.02')
    .option('--batches <number>', 'that a trial may take', '50')
    .option('--share <share>', 'of batches that are in a trial: 0.05 of a topic, 1 of what is read once')
    .option('--passes <number>', 'times to read what is read once, for more trials')
    .optionsGroup('Which part of the topic:')
    .option('--from <place>', 'a time, or with --partition an offset; otherwise from now on, or with --to all')
    .option('--to <place>', 'the same, itself left out: read once up to there')
    .option('--partition <number>', 'one partition; otherwise all of them')
    .optionsGroup('Where the result goes:')
    .option('--json', 'the table as one JSON document on stdout; words go to stderr')
  return brokerFlags(command).addHelpText('after', help).action(canary)
}
