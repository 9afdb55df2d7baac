import { Command } from 'commander'
import { TasterError } from '../core/errors.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { shareOf } from './flags.ts'
import { onInterrupt } from './interrupt.ts'
import { judgeFiles } from './judge-files.ts'
import { isFlagged, renderReport, type Report } from './report.ts'
import { inputFlags, pipelineOf, trustFlags, type PipelineFlags } from './settings.ts'
import { coloursFor, widthOf } from './terminal.ts'

interface InspectFlags extends PipelineFlags {
  readonly out: string
  readonly force?: boolean
  readonly skipUndecodable?: boolean
  readonly fdr?: string
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
  $ taster inspect new.parquet -t old.parquet --image pixels:28x28 --label digit
  $ zcat new.ndjson.gz | taster inspect - -t old.ndjson --numeric age,income \\
      --category city --label risk --source branch
  $ taster inspect new.csv -p mail.yaml -b approved-mail --json > report.json`

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

function tell(report: Report, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  const stream = json ? process.stderr : process.stdout
  stream.write(`\n${renderReport(report, { width: widthOf(stream), colours: coloursFor(stream) })}`)
}

async function inspect(paths: readonly string[], flags: InspectFlags): Promise<void> {
  const pipeline = await pipelineOf(flags)
  mustHaveTrust(pipeline)
  const fdr = flags.fdr === undefined ? undefined : shareOf('--fdr', flags.fdr, 'not all')
  const interrupt = onInterrupt()
  try {
    const report = await judgeFiles(paths, pipeline, {
      out: flags.out,
      force: flags.force === true,
      skipUndecodable: flags.skipUndecodable === true,
      ...(fdr !== undefined && { fdr }),
      signal: interrupt.signal,
    })
    tell(report, flags.json === true)
    process.exitCode = interrupt.exitCode() ?? (isFlagged(report) ? 1 : 0)
  } catch (error) {
    const code = interrupt.exitCode()
    if (code === undefined) throw error
    process.stderr.write('interrupted before anything was judged: nothing is written\n')
    process.exitCode = code
  } finally {
    interrupt.close()
  }
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
    .option('--fdr <share>', 'audit the tests of single batches, too, at this false discovery rate, 0.05 say')
    .option('--seed <number>', 'of the random choices when a baseline is fitted')
    .option('--skip-undecodable', 'leave out trusted rows that cannot be read, rather than stop')
    .optionsGroup('Where the result goes:')
    .option('-o, --out <folder>', 'output folder, new or empty', 'taster-out')
    .option('--force', 'replace what an earlier run wrote to the output folder')
    .option('--json', 'the report as one JSON document on stdout; words go to stderr')
    .addHelpText('after', help)
    .action(inspect)
}
