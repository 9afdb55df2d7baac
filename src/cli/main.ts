#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { baselineCommand } from './baseline.ts'
import { canaryCommand } from './canary.ts'
import { checkCommand } from './check.ts'
import { describeFailure, failureDocument } from './failure.ts'
import { inspectCommand } from './inspect.ts'
import { startCommand } from './start.ts'
import { produceCommand } from './produce.ts'
import { replayCommand } from './replay.ts'
import { tailCommand } from './tail.ts'
import { topicsCommand } from './topics.ts'
import { version } from './version.ts'

const help = `
Examples:
  $ taster inspect new.csv --trusted approved.csv --text body --label label
  $ taster baseline fit approved.csv --text body --label label
  $ taster check pipelines/mail.yaml
  $ taster help inspect`

function program(): Command {
  const taster = new Command('taster')
    .description('Taster tastes training data before a model swallows it: it stops poisoned batches and says why.')
    .version(version, '-V, --version')
    .addHelpText('after', help)
    .addCommand(startCommand())
    .addCommand(inspectCommand())
    .addCommand(baselineCommand())
    .addCommand(checkCommand())
    .addCommand(topicsCommand())
    .addCommand(produceCommand())
    .addCommand(tailCommand())
    .addCommand(replayCommand())
    .addCommand(canaryCommand())
  const settle = (command: Command) => {
    command.exitOverride().showHelpAfterError('(--help shows what there is, with examples)')
    command.commands.forEach(settle)
  }
  settle(taster)
  return taster
}

// A reader that has seen enough, `| head` say, is no fault; files still have to be finished.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    if (stream === process.stdout) process.stderr.write(`error Cannot write to stdout: ${error.message}\n`)
    process.exit(2)
  })

try {
  await program().parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(failureDocument(error))}\n`)
    process.stderr.write(`${describeFailure(error, process.stderr)}\n`)
    process.exitCode = 2
  }
}
