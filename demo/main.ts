import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { projectFolder } from '../datasets/locate.ts'
import { describeFailure, failureDocument } from '../src/cli/failure.ts'
import { onInterrupt } from '../src/cli/interrupt.ts'
import { judgeFiles } from '../src/cli/judge-files.ts'
import { pipelineOf } from '../src/cli/settings.ts'
import { coloursFor, widthOf } from '../src/cli/terminal.ts'
import { attacksInsteadOf, everyAttack, share, wholeNumber } from './flags.ts'
import { attacked, attacks, describeInjected, mailByDay } from './scenario.ts'
import { openScore } from './score.ts'
import { renderScore } from './table.ts'

interface Flags {
  readonly seed: number
  readonly attack: readonly string[]
  readonly rate?: number
  readonly out: string
  readonly json?: boolean
}

const help = `
Attacks: ${[...attacks.keys()].join(', ')}; all of them unless named, none with --attack none.

Examples:
  $ npm start
  $ npm start -- --seed 7 --attack source-flip --rate 0.4
  $ npm start -- --attack none                 what Taster says of the stream as it is
  $ npm start --silent -- --json > first-run.json`

async function firstRun({ seed, attack, rate, out, json }: Flags): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const mail = await mailByDay()
  const scenario = attacked(mail.stream, mail.lines, attack, rate ?? null, seed)

  say(`SpamAssassin mail corpus, 6,046 mails in the order they were sent; seed ${seed}`)
  say(`trusted: the first ${mail.trusted.length} mails; stream: ${scenario.lines.length} records in batches of 50`)
  for (const line of describeInjected(scenario)) say(line)
  say('')

  const input = join(out, 'input')
  const result = join(out, 'result')
  await mkdir(input, { recursive: true })
  await writeFile(join(input, 'trusted.ndjson'), mail.trusted.map((line) => `${line}\n`).join(''))
  await writeFile(join(input, 'stream.ndjson'), scenario.lines.map((line) => `${line}\n`).join(''))

  const pipeline = await pipelineOf({
    pipeline: join(projectFolder(), 'pipelines', 'mail.yaml'),
    trusted: [join(input, 'trusted.ndjson')],
    seed: String(seed),
  })
  const interrupt = onInterrupt()
  const score = openScore(scenario)
  const report = await judgeFiles([join(input, 'stream.ndjson')], pipeline, {
    out: result,
    force: true,
    skipUndecodable: false,
    signal: interrupt.signal,
    watch: (outcome) => score.watch(outcome),
  })
  interrupt.close()

  const scored = score.result()
  await writeFile(join(out, 'score.json'), `${JSON.stringify({ seed, ...scored }, null, 2)}\n`)
  if (json === true) process.stdout.write(`${JSON.stringify({ seed, score: scored, report }, null, 2)}\n`)
  else {
    const look = { width: widthOf(process.stdout), colours: coloursFor(process.stdout) }
    process.stdout.write(renderScore(scored, report, { input, result }, look))
  }
  process.exitCode = interrupt.exitCode() ?? 0
}

const command = new Command('npm start --')
  .description('Judges a real mail stream with injected attacks, and says what was caught.')
  .option('--seed <number>', 'of the attacks and of every random choice', wholeNumber, 1)
  .option('--attack <name>', 'attack to inject; may be repeated', attacksInsteadOf(everyAttack), everyAttack)
  .option(
    '--rate <share>',
    "share of the stream (of the source, for source-flip) that each attack poisons; otherwise each attack's own",
    share,
  )
  .option(
    '--out <folder>',
    'where input and result go; what an earlier run wrote there is replaced',
    join('out', 'first-run'),
  )
  .option('--json', 'score and report as one JSON document on stdout')
  .addHelpText('after', help)
  .showHelpAfterError('(--help shows what there is)')
  .action((flags: Flags) => firstRun({ ...flags, out: resolve(flags.out) }))

try {
  await command.parseAsync()
} catch (error) {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(failureDocument(error))}\n`)
  process.stderr.write(`${describeFailure(error, process.stderr)}\n`)
  process.exitCode = 2
}
