import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { describeFailure } from '../src/cli/failure.ts'
import { mailByDay } from './scenario.ts'

const help = `
What taster baseline fit learns from, where play.js plays the mails that came
after them.

Example:
  $ node dist/demo/approved.js out/approved.ndjson
  $ taster baseline fit out/approved.ndjson --pipeline pipelines/mail.yaml`

const command = new Command('node dist/demo/approved.js')
  .description('Writes the approved mails of the demonstration as NDJSON.')
  .argument('<file>', 'what is there is replaced')
  .addHelpText('after', help)
  .showHelpAfterError('(--help shows what there is)')
  .action(async (file: string) => {
    const { trusted } = await mailByDay()
    await mkdir(dirname(resolve(file)), { recursive: true })
    await writeFile(file, trusted.map((line) => `${line}\n`).join(''))
    process.stderr.write(`${file}: the first ${trusted.length} mails of the SpamAssassin corpus\n`)
  })

try {
  await command.parseAsync()
} catch (error) {
  process.stderr.write(`${describeFailure(error, process.stderr)}\n`)
  process.exitCode = 2
}
