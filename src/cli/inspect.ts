import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { TasterError } from '../core/errors.ts'
import { openDesk, type Desk } from '../engine/desk.ts'
import { run as runLine } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { setupOf } from '../engine/setup.ts'
import { formatNames } from '../files/format.ts'
import { outputFailed } from '../files/output.ts'
import { openSink } from '../files/sink.ts'
import { openFiles } from '../files/source.ts'
import { onInterrupt, untilInterrupted } from './interrupt.ts'
import { openProgress, type Progress } from './progress.ts'
import { isFlagged, renderReport, type Report } from './report.ts'
import { inputFlags, pipelineOf, trustFlags, type PipelineFlags } from './settings.ts'
import { openSummary } from './summary.ts'
import { coloursFor, widthOf } from './terminal.ts'
import { readTrusted } from './trusted.ts'
import { version } from './version.ts'

interface InspectFlags extends PipelineFlags {
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const help = `
Reads NDJSON, JSON, CSV, TSV, Parquet and Arrow, compressed with gzip or zstd or
not, folders of them, and - for stdin. Writes to the output folder: clean/,
quarantine/ and dead-letter/ with the rows as they came, events.ndjson,
report.txt, report.json and, where one was fitted, the baseline.

Exit code: 0 clean, 1 something was flagged, 2 the work could not be done,
130 or 143 interrupted.

Examples:
  $ taster inspect new.csv -t approved.csv --text body --label label
  $ taster inspect incoming/ -p pipelines/mail.yaml -b approved-mail -o result
  $ taster inspect new.parquet -t old.parquet --image pixels:28x28x1 --label digit
  $ zcat new.ndjson.gz | taster inspect - -t old.ndjson --numeric age,income \\
      --category city --label risk --source branch
  $ taster inspect new.csv -p mail.yaml -b approved-mail --json > report.json`

/** The folder of the baseline to judge by; one that has to be fitted first goes to `scratch`. */
async function baselineFolder(
  pipeline: Pipeline,
  desk: Desk,
  scratch: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly folder: string; readonly fitted: boolean }> {
  const { path, trusted, seed } = pipeline.baseline
  if (path !== null) return { folder: path, fitted: false }
  progress.step(`reading trusted data: ${trusted.join(', ')}`)
  const { records, warnings } = await readTrusted(trusted, pipeline, signal)
  signal.throwIfAborted()
  for (const warning of warnings) progress.step(`warning: ${warning}`)
  const detectors = new Map(pipeline.detectors.map(({ name, params }) => [name, params]))
  const folder = join(scratch, 'baseline')
  const input = { records, encoder: pipeline.encoder, detectors, seed, engineVersion: version }
  await desk.fit(input, folder, ({ text }) => progress.step(text))
  return { folder, fitted: true }
}

function mustHaveTrust({ baseline }: Pipeline): void {
  if (baseline.path !== null || baseline.trusted.length > 0) return
  throw new TasterError(
    'CONFIG_INVALID',
    'There is nothing to judge by: Taster learns only from data that people approved',
    {
      problems: [
        {
          where: '--trusted or --baseline',
          message: 'neither is given, and the pipeline names none',
          remedy: 'give --trusted <approved files>, or --baseline <folder> that taster baseline fit wrote',
        },
      ],
    },
  )
}

async function writeReport(report: Report, fitted: string | null): Promise<void> {
  const plain = { width: 100, colours: coloursFor({ isTTY: false, columns: 100 }) }
  const path = (name: string) => join(report.out, name)
  try {
    await writeFile(path('report.txt'), renderReport(report, plain))
    await writeFile(path('report.json'), `${JSON.stringify(report, null, 2)}\n`)
    if (fitted === null) return
    await rm(path('baseline'), { recursive: true, force: true })
    await cp(fitted, path('baseline'), { recursive: true })
  } catch (error) {
    throw outputFailed(report.out, error)
  }
}

async function inspect(paths: readonly string[], flags: InspectFlags): Promise<void> {
  const pipeline = await pipelineOf(flags)
  mustHaveTrust(pipeline)
  const { input, budget, policy } = pipeline
  const format = input.format === undefined ? undefined : formatNames.get(input.format)

  const interrupt = onInterrupt()
  const sink = await openSink(flags.out, { overwrite: flags.force === true })
  const scratch = await mkdtemp(join(tmpdir(), 'taster-'))
  const desk = openDesk()
  const stopFitting = () => void desk.close()
  interrupt.signal.addEventListener('abort', stopFitting)
  try {
    const source = await openFiles(paths, {
      batchRecords: input.batch.records,
      limits: input.limits,
      sink,
      ...(format !== undefined && { format }),
      ...(paths.includes('-') && { stdin: untilInterrupted(process.stdin, interrupt.signal) }),
    })
    const progress = openProgress(source)
    const summary = openSummary()
    try {
      const { folder, fitted } = await baselineFolder(pipeline, desk, scratch, progress, interrupt.signal)
      const judge = await desk.open(folder, budget, pipeline.baseline.digest ?? undefined)
      // from here on the batch in hand is finished first
      interrupt.signal.removeEventListener('abort', stopFitting)
      progress.step('judging')
      const setup = setupOf(pipeline, judge.digest, version)
      await runLine(source, judge, setup, interrupt.signal, (outcome) => {
        summary.add(outcome)
        progress.batch(outcome)
      })
      progress.close()
      await sink.close()
      const report: Report = {
        taster: version,
        pipeline: pipeline.name,
        budget,
        granularity: policy.granularity,
        onFinding: policy.onFinding,
        batchRecords: input.batch.records,
        baseline: {
          digest: judge.digest,
          folder: fitted ? join(flags.out, 'baseline') : folder,
          manifest: judge.manifest,
        },
        out: flags.out,
        interrupted: interrupt.signal.aborted,
        ...summary.result(),
      }
      await writeReport(report, fitted ? folder : null)
      tell(report, flags)
      process.exitCode = interrupt.exitCode() ?? (isFlagged(report) ? 1 : 0)
    } finally {
      progress.close()
      await source.close()
    }
  } catch (error) {
    await sink.abandon()
    if (!interrupt.signal.aborted) throw error
    process.stderr.write('interrupted before anything was judged: nothing is written\n')
    process.exitCode = interrupt.exitCode() ?? 2
  } finally {
    interrupt.close()
    await desk.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

function tell(report: Report, { json }: InspectFlags): void {
  if (json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  const stream = json === true ? process.stderr : process.stdout
  stream.write(`\n${renderReport(report, { width: widthOf(stream), colours: coloursFor(stream) })}`)
}

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description(
      'judge files: clean rows to one folder, suspicious and unreadable ones to others, each with its reason',
    )
    .argument('<path...>', 'files, folders, or - for stdin')
  return trustFlags(inputFlags(command))
    .optionsGroup('How to judge:')
    .option('--budget <budget>', "acceptable false alarms, as in '1 per 10000 batches'")
    .option('--batch <records>', 'records that get one verdict together')
    .option('--granularity <what>', 'batch or record: what a finding holds back')
    .option('--seed <number>', 'of the random choices when a baseline is fitted')
    .optionsGroup('Where the result goes:')
    .option('-o, --out <folder>', 'output folder, new or empty', 'taster-out')
    .option('--force', 'replace what an earlier run wrote to the output folder')
    .option('--json', 'the report as one JSON document on stdout; words go to stderr')
    .addHelpText('after', help)
    .action(inspect)
}
