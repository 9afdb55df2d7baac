import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { TasterError } from '../core/errors.ts'
import type { Outcome } from '../core/line.ts'
import { openDesk, type Desk } from '../engine/desk.ts'
import { startLearning } from '../engine/learning.ts'
import { run } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { mustSuit } from '../engine/pipeline/suits.ts'
import { setupOf } from '../engine/setup.ts'
import { baselineFor } from './baseline-for.ts'
import { brokerFlags } from './brokers.ts'
import { onInterrupt } from './interrupt.ts'
import { openPartProgress, type Input } from './replay-input.ts'
import { inputOf, pipelinesOf, type ReplayFlags } from './replay-request.ts'
import { openVerdicts, type Change } from './replay-verdicts.ts'
import { renderReplay, type Replay, type Side } from './replay-view.ts'
import { openSummary } from './summary.ts'
import { coloursFor, widthOf } from './terminal.ts'
import { version } from './version.ts'

const help = `
Judges records twice, as --pipeline does and as it would with what is to be
tried, and shows what would be different: alarms, what is held back, and which
records would be judged otherwise. Nothing is written to any topic, and nothing
that runs notices. Without a path it reads the pipeline's input topic.

Both begin with nothing learnt, each partition by itself, so what stands before
the range is not known to them. Batches are cut by their number of records
alone; on a live line the clock may have cut some of them sooner.

Exit code: 0 nothing would be different, 1 something would, 2 the work could
not be done, 130 or 143 interrupted.

Examples:
  $ taster replay old/ -p pipelines/mail.yaml --policy other.yaml
  $ taster replay mails.ndjson -p mail.yaml --budget '1 per 1000 batches'
  $ taster replay -p mail.yaml --baseline newer --from 2026-11-01 --to 2026-11-08
  $ taster replay -p mail.yaml --granularity record --partition 0 --from 5000 \\
      --changes changed.ndjson`

interface Judging {
  readonly desk: Desk
  readonly scratch: string
  readonly signal: AbortSignal
}

/** Judges all of the input as a pipeline would. */
async function judge(
  input: Input,
  pipeline: Pipeline,
  name: string,
  watch: (outcome: Outcome) => void,
  { desk, scratch, signal }: Judging,
): Promise<Side> {
  const progress = openPartProgress()
  const step = (text: string) => progress.step(text)
  try {
    const by = await baselineFor(pipeline, desk, {
      scratch: join(scratch, name),
      step,
      skipUndecodable: false,
      signal,
    })
    const opened = await desk.open(by.folder, pipeline.budget, pipeline.baseline.digest ?? undefined)
    mustSuit(pipeline, opened.manifest, by.folder)
    const setup = setupOf(pipeline, opened, version, input.from)
    const summary = openSummary(opened.manifest.labels)
    step(`judging ${input.description} by ${name}`)
    for await (const each of input.open(pipeline, setup)) {
      progress.at(each)
      const learning = await startLearning(opened, setup.verify, { countRepeated: true })
      try {
        await run(each.source, learning, setup, signal, {
          watch(outcome) {
            summary.add(outcome)
            watch(outcome)
            progress.batch(outcome)
          },
        })
      } finally {
        await each.source.close()
        await learning.judge.close()
      }
      if (signal.aborted) break
    }
    await opened.close()
    const { counts, batches, findings, findingsLeftOut } = summary.result()
    const { budget, policy } = pipeline
    return {
      name,
      budget,
      granularity: policy.granularity,
      onFinding: policy.onFinding,
      baseline: opened.digest,
      counts,
      batches,
      alarms: findings.length + findingsLeftOut,
      findings,
    }
  } finally {
    progress.close()
  }
}

const mostExamples = 100

/** A new file of changes, one a line. Throws OUTPUT_FAILED. */
function openChanges(path: string) {
  const orFail = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      const isThere = (error as { readonly code?: string }).code === 'EEXIST'
      const why = isThere ? 'it is there already. Name a new file' : String(error)
      throw new TasterError('OUTPUT_FAILED', `The changes cannot be written to ${path}: ${why}`, { cause: error })
    }
  }
  const file = orFail(() => openSync(path, 'wx'))
  return {
    write: (change: Change) => orFail(() => writeSync(file, `${JSON.stringify(change)}\n`)),
    close: () => orFail(() => closeSync(file)),
  }
}

async function compare(
  input: Input,
  [current, other]: readonly [Pipeline, Pipeline],
  names: readonly [string, string],
  changesFile: string | undefined,
  judging: Judging,
): Promise<Replay> {
  const verdicts = openVerdicts()
  const changes = new Map<string, number>()
  const shown: Change[] = []
  const file = changesFile === undefined ? null : openChanges(changesFile)
  try {
    const before = await judge(input, current, names[0], (outcome) => verdicts.keep(outcome), judging)
    const after = await judge(
      input,
      other,
      names[1],
      (outcome) => {
        for (const change of verdicts.changesIn(outcome)) {
          const kind = `${change.from} ${change.to}`
          changes.set(kind, (changes.get(kind) ?? 0) + 1)
          if (shown.length < mostExamples) shown.push(change)
          file?.write(change)
        }
      },
      judging,
    )
    return {
      taster: version,
      input: input.description,
      current: before,
      other: after,
      changed: [...changes].map(([kind, records]) => {
        const [from = '', to = ''] = kind.split(' ')
        return { from, to, records }
      }),
      examples: shown,
      changes: changesFile ?? null,
      interrupted: judging.signal.aborted,
    }
  } finally {
    file?.close()
  }
}

async function replay(paths: readonly string[], flags: ReplayFlags): Promise<void> {
  const pipelines = await pipelinesOf(flags)
  const input = await inputOf(paths, flags, pipelines[0])
  const interrupt = onInterrupt()
  const scratch = await mkdtemp(join(tmpdir(), 'taster-'))
  const desk = openDesk()
  try {
    const names = [flags.pipeline, flags.policy ?? `${flags.pipeline} with what is tried`] as const
    const judging = { desk, scratch, signal: interrupt.signal }
    const result = await compare(input, pipelines, names, flags.changes, judging)
    if (flags.json === true) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    const stream = flags.json === true ? process.stderr : process.stdout
    stream.write(`\n${renderReplay(result, { width: widthOf(stream), colours: coloursFor(stream) })}`)
    process.exitCode = interrupt.exitCode() ?? (result.changed.length > 0 ? 1 : 0)
  } catch (error) {
    const code = interrupt.exitCode()
    if (code === undefined) throw error
    process.stderr.write('interrupted before anything could be compared\n')
    process.exitCode = code
  } finally {
    interrupt.close()
    await desk.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('show what would be flagged under another budget, policy or baseline')
    .argument('[path...]', "files or folders; without them the pipeline's input topic")
    .requiredOption('-p, --pipeline <file>', 'pipeline YAML: how records are judged now')
    .optionsGroup('What to try (one or more):')
    .option('--policy <file>', 'another pipeline YAML that reads the same records')
    .option('--budget <budget>', "acceptable false alarms, as in '1 per 1000 batches'")
    .option('--granularity <what>', 'batch or record: what a finding holds back')
    .option('-b, --baseline <folder>', 'another baseline')
    .optionsGroup('Which part of the topic:')
    .option('--from <place>', 'a time, or with --partition an offset; otherwise all that is kept')
    .option('--to <place>', 'a time, or with --partition an offset, itself left out; otherwise to the end')
    .option('--partition <number>', 'one partition; otherwise all of them')
    .optionsGroup('Where the result goes:')
    .option('--changes <file>', 'write every record that would be judged otherwise to a new NDJSON file')
    .option('--json', 'the result as one JSON document on stdout; words go to stderr')
  return brokerFlags(command).addHelpText('after', help).action(replay)
}
