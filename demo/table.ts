import { relative } from 'node:path'
import Table from 'cli-table3'
import type { Look, Report } from '../src/cli/report.ts'
import { printable, wrap } from '../src/cli/terminal.ts'
import { count, counted } from '../src/cli/wording.ts'
import type { Score } from './score.ts'

/** What was injected, what was caught and how soon, and what innocent batches paid for it. */
export function renderScore(
  score: Score,
  report: Report,
  { input, result }: { readonly input: string; readonly result: string },
  { width, colours }: Look,
): string {
  const table = new Table({
    head: ['attack', 'injected', 'named after', 'stopped', 'recalled', 'passed'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const { attack, injected, recordsUntilNamed, stopped, recalled, passed } of score.attacks) {
    const named = recordsUntilNamed === null ? colours.red('not named') : counted(recordsUntilNamed, 'record')
    table.push([attack, count(injected), named, count(stopped), count(recalled), count(passed)])
  }
  const reasons = score.attacks.flatMap(({ attack, named, detector }) =>
    named === null ? [] : wrap(`${attack}: ${detector} said: ${printable(named, 300)}`, width, '    ', '  '),
  )
  const { falseAlarms, batches } = report.budget
  const expected = (score.cleanBatches * falseAlarms) / batches
  const path = (to: string) => relative('.', to)
  const about = (name: string, text: string) => wrap(text, width, ' '.repeat(name.length), name)
  const lines = [
    '',
    ...(score.attacks.length === 0 ? ['No attack was injected.'] : [table.toString(), ...reasons]),
    '',
    about(
      'false alarms: ',
      `${count(score.falseAlarms)} on ${counted(score.cleanBatches, 'clean batch', 'clean batches')}; the budget, ${falseAlarms} per ${count(batches)}, allows ${expected.toPrecision(1)}`,
    ),
    about(
      'held back:    ',
      `${count(score.cleanQuarantined)} of the clean batches${score.cleanQuarantined > 0 && score.falseAlarms === 0 ? ', because an alarm about what they hold too still lasted' : ''}`,
    ),
    ...(score.otherAlarms === 0
      ? []
      : [
          about(
            'other alarms: ',
            `${count(score.otherAlarms)} in batches with injected records, naming none of these attacks`,
          ),
        ]),
    '',
    `input:        ${path(input)}`,
    about('output:       ', `${path(result)}: clean/, quarantine/ with reasons, events.ndjson, report.txt, baseline/`),
    '',
    'Your own files:',
    '  npm run taster -- inspect new.csv --trusted approved.csv --text body --label label',
    '',
  ]
  return `${lines.join('\n')}`
}
