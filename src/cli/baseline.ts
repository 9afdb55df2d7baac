import { Command } from 'commander'
import { fitBaseline } from '../baseline/fit.ts'
import type { Manifest } from '../baseline/manifest.ts'
import { loadBaseline, saveBaseline, verifyBaseline } from '../baseline/store.ts'
import type { Records } from '../core/batch.ts'
import { TasterError } from '../core/errors.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { renderBaseline } from './baseline-view.ts'
import { onInterrupt } from './interrupt.ts'
import { inputFlags, pipelineOf, type PipelineFlags } from './settings.ts'
import { coloursFor, printable, widthOf, wrap } from './terminal.ts'
import { mustBeReadable, readTrusted } from './trusted.ts'
import { version } from './version.ts'

interface FitFlags extends PipelineFlags {
  readonly out?: string
  readonly skipUndecodable?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

interface ReadFlags {
  readonly digest?: string
  readonly json?: boolean
}

const fitHelp = `
The records are split at random, copies together: half to compare with, 30 % to
calibrate, 20 % to measure how often each detector alarms on clean data. The
same records, flags and seed give the same baseline, digest included.

Exit code: 0 written, 2 the work could not be done.

Examples:
  $ taster baseline fit old.csv --text subject,body --label label --out approved
  $ taster baseline fit old/ --pipeline pipelines/mail.yaml --out approved-mail
  $ taster baseline fit old.parquet --numeric age,income --category city \\
      --label risk --out approved-risk --json`

const verifyHelp = `
Exit code: 0 every byte is what was fitted, 2 otherwise.

Example:
  $ taster baseline verify approved-baseline --digest sha256:4bf5…`

const say = (text: string) => void process.stderr.write(`${printable(text, 500)}\n`)

/** Where the baseline goes: a flag, or where the pipeline will look for it. */
function outOf(flags: FitFlags, { baseline }: Pipeline): string {
  const out = flags.out ?? baseline.path
  if (out !== null) return out
  throw new TasterError('CONFIG_INVALID', 'Nothing says where the baseline goes', {
    problems: [
      {
        where: '--out',
        message: 'it is not given, and the pipeline has no baseline.path',
        remedy: 'give --out <folder>, new or empty',
      },
    ],
  })
}

function trustedOf(paths: readonly string[], { baseline }: Pipeline): readonly string[] {
  const trusted = paths.length > 0 ? paths : baseline.trusted
  if (trusted.length > 0) return trusted
  throw new TasterError('CONFIG_INVALID', 'There is nothing to fit a baseline from', {
    problems: [
      {
        where: 'paths',
        message: 'no file is named, and the pipeline has no baseline.trusted',
        remedy: 'name files or folders of records that people approved',
      },
    ],
  })
}

/** The trusted records; undefined where somebody interrupted. Throws TRUSTED_UNREADABLE where rows do not decode. */
async function recordsOf(paths: readonly string[], pipeline: Pipeline, skip: boolean): Promise<Records | undefined> {
  say(`reading trusted data: ${paths.join(', ')}`)
  const interrupt = onInterrupt()
  try {
    const trusted = await readTrusted(paths, pipeline, interrupt.signal)
    if (interrupt.signal.aborted) {
      say('interrupted: no baseline is written')
      process.exitCode = interrupt.exitCode() ?? 2
      return undefined
    }
    mustBeReadable(trusted, skip)
    for (const warning of trusted.warnings) say(`warning: ${warning}`)
    return trusted.records
  } finally {
    // from here on nothing is half-written: a signal may end the process at once
    interrupt.close()
  }
}

async function fit(paths: readonly string[], flags: FitFlags): Promise<void> {
  const pipeline = await pipelineOf(flags)
  const out = outOf(flags, pipeline)
  const records = await recordsOf(trustedOf(paths, pipeline), pipeline, flags.skipUndecodable === true)
  if (records === undefined) return
  const baseline = await fitBaseline({
    records,
    encoder: pipeline.encoder,
    detectors: new Map(pipeline.detectors.map(({ name, params }) => [name, params])),
    seed: pipeline.baseline.seed,
    engineVersion: version,
    onProgress: ({ text, done, total }) => {
      if (done < total) say(`${done + 1}/${total} ${text}`)
    },
  })
  await saveBaseline(baseline, out, { replace: flags.force === true })
  tell(out, baseline.digest, baseline.manifest, flags)
}

async function show(folder: string, flags: ReadFlags): Promise<void> {
  const baseline = await loadBaseline(folder, expected(flags))
  tell(folder, baseline.digest, baseline.manifest, flags)
}

async function verify(folder: string, flags: ReadFlags): Promise<void> {
  const { digest, problems } = await verifyBaseline(folder, expected(flags))
  process.exitCode = problems.length > 0 ? 2 : 0
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ folder, digest, valid: problems.length === 0, problems }, null, 2)}\n`)
    return
  }
  if (problems.length > 0) {
    throw new TasterError('BASELINE_CORRUPT', `${folder} is not what was fitted`, { problems })
  }
  const { green, bold } = coloursFor(process.stdout)
  process.stdout.write(`${green(bold('valid'))} ${printable(folder, 500)} is ${digest}\n`)
}

const expected = ({ digest }: ReadFlags) => (digest === undefined ? {} : { expectDigest: digest })

function tell(folder: string, digest: string, manifest: Manifest, { json }: { readonly json?: boolean }): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ folder, digest, manifest }, null, 2)}\n`)
    return
  }
  const look = { width: widthOf(process.stdout), colours: coloursFor(process.stdout) }
  process.stdout.write(`${renderBaseline(digest, manifest, look)}\n`)
  const advice = `judge by it: taster inspect <files> --baseline ${printable(folder, 500)}; pin it: digest: ${digest}`
  process.stdout.write(`${wrap(advice, look.width, '  ')}\n`)
}

/** `taster baseline fit|show|verify`. */
export function baselineCommand(): Command {
  const fitting = new Command('fit')
    .description('fit and calibrate on records that people approved, and store what comes out')
    .argument('[trusted...]', 'files or folders of approved records, or - for stdin; otherwise baseline.trusted')
  inputFlags(fitting)
    .optionsGroup('How to fit:')
    .option('--seed <number>', 'of every random choice')
    .option('--skip-undecodable', 'leave out rows that cannot be read, rather than stop')
    .optionsGroup('Where the result goes:')
    .option('-o, --out <folder>', "folder of the baseline; otherwise the pipeline's baseline.path")
    .option('--force', 'replace another baseline that stands there')
    .option('--json', 'digest and manifest as one JSON document on stdout')
    .addHelpText('after', fitHelp)
    .action(fit)
  return new Command('baseline')
    .description('what to judge by: fit it from approved records, look at it, verify it')
    .addCommand(fitting)
    .addCommand(
      new Command('show')
        .description('rows, calibration, realised false-alarm rates and warnings of a baseline')
        .argument('<folder>', 'folder of the baseline')
        .option('--json', 'one JSON document on stdout')
        .action(show),
    )
    .addCommand(
      new Command('verify')
        .description('check every byte of a baseline against the digests it was stored with')
        .argument('<folder>', 'folder of the baseline')
        .option('--digest <digest>', 'that the baseline must have: sha256: and 64 hexadecimal digits')
        .option('--json', 'one JSON document on stdout')
        .addHelpText('after', verifyHelp)
        .action(verify),
    )
}
