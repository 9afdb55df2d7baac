import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../core/line.ts'
import { openDesk, type Desk } from '../engine/desk.ts'
import { startLearning } from '../engine/learning.ts'
import { run } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { mustSuit } from '../engine/pipeline/suits.ts'
import { setupOf } from '../engine/setup.ts'
import { formatNames } from '../files/format.ts'
import { refuseBaseline } from '../files/out-folder.ts'
import { outputFailed } from '../files/output.ts'
import { openSink, type Sink } from '../files/sink.ts'
import { openFiles } from '../files/source.ts'
import { openAudit } from './audit.ts'
import { baselineFor, type JudgedBy } from './baseline-for.ts'
import { mustHaveInput, untilInterrupted } from './interrupt.ts'
import { openProgress } from './progress.ts'
import { renderReport, type Report } from './report.ts'
import { openSummary } from './summary.ts'
import { coloursFor } from './terminal.ts'
import { version } from './version.ts'

export interface JudgeOptions {
  readonly out: string // folder, new or empty
  readonly force: boolean // replace what an earlier run wrote there
  readonly skipUndecodable: boolean // trusted rows that cannot be read are left out
  readonly fdr?: number // batch tests are audited at this false discovery rate
  readonly signal: AbortSignal
  readonly watch?: (outcome: Outcome) => void // is told of each batch once it is written
}

async function writeReport(report: Report, { folder, fitted }: JudgedBy, into: string): Promise<void> {
  const look = { width: 100, colours: coloursFor({ isTTY: false, columns: 100 }) }
  const path = (name: string) => join(into, name)
  try {
    await writeFile(path('report.txt'), renderReport(report, look))
    await writeFile(path('report.json'), `${JSON.stringify(report, null, 2)}\n`)
    if (!fitted) return
    await cp(folder, path('baseline'), { recursive: true })
  } catch (error) {
    throw outputFailed(report.out, error)
  }
}

async function judge(
  paths: readonly string[],
  pipeline: Pipeline,
  sink: Sink,
  desk: Desk,
  scratch: string,
  options: JudgeOptions,
): Promise<Report> {
  const { input, budget, policy } = pipeline
  const { signal, out } = options
  const format = input.format === undefined ? undefined : formatNames.get(input.format)
  const source = await openFiles(paths, {
    batchRecords: input.batch.records,
    limits: input.limits,
    sink,
    ...(format !== undefined && { format }),
    ...(paths.includes('-') && { stdin: untilInterrupted(process.stdin, signal) }),
  })
  const progress = openProgress(source)
  try {
    // A fit has nothing half-written: it is stopped at once. Later the batch in hand is finished first.
    const stop = () => void desk.close()
    signal.addEventListener('abort', stop)
    const step = (text: string) => progress.step(text)
    const by = await baselineFor(pipeline, desk, { scratch, step, skipUndecodable: options.skipUndecodable, signal })
    const audit = options.fdr === undefined ? null : openAudit(options.fdr)
    const tests = audit !== null
    const judging = await desk.open(by.folder, budget, pipeline.baseline.digest ?? undefined, { tests })
    signal.removeEventListener('abort', stop)
    mustSuit(pipeline, judging.manifest, by.folder)
    const summary = openSummary(judging.manifest.labels)

    for (const { path, reason } of source.skipped) progress.step(`${path} is left out: ${reason}`)
    progress.step('judging')
    const setup = setupOf(pipeline, judging, version)
    const learning = await startLearning(judging, setup.verify, { countRepeated: true })
    await run(source, learning, setup, signal, {
      watch(outcome) {
        summary.add(outcome)
        audit?.add(outcome)
        progress.batch(outcome)
        options.watch?.(outcome)
      },
    })
    const report: Report = {
      taster: version,
      pipeline: pipeline.name,
      budget,
      granularity: policy.granularity,
      onFinding: policy.onFinding,
      batchRecords: input.batch.records,
      baseline: {
        digest: judging.digest,
        folder: by.fitted ? join(out, 'baseline') : by.folder,
        manifest: judging.manifest,
      },
      out,
      audit: audit?.result() ?? null,
      interrupted: signal.aborted,
      ...summary.result(),
    }
    await writeReport(report, by, sink.workFolder)
    await sink.close()
    return report
  } finally {
    progress.close()
    await source.close()
  }
}

/**
 * Judges files and writes what comes of it to a folder; on an error the folder is left as it was. Once `signal` aborts,
 * the batch in hand is finished and the report says so; before the first batch there is nothing to finish, and it throws.
 */
export async function judgeFiles(paths: readonly string[], pipeline: Pipeline, options: JudgeOptions): Promise<Report> {
  if (pipeline.baseline.path !== null) refuseBaseline(options.out, pipeline.baseline.path)
  if (paths.includes('-')) mustHaveInput()
  const sink = await openSink(options.out, { overwrite: options.force })
  const scratch = await mkdtemp(join(tmpdir(), 'taster-'))
  const desk = openDesk()
  try {
    return await judge(paths, pipeline, sink, desk, scratch, options)
  } catch (error) {
    await sink.abandon()
    throw error
  } finally {
    await desk.close()
    await rm(scratch, { recursive: true, force: true })
  }
}
