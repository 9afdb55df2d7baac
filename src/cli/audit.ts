import type { Outcome } from '../core/line.ts'
import type { Subject } from '../core/measurement.ts'
import { addis } from '../stats/addis.ts'
import { lordPlusPlus } from '../stats/lord-plus-plus.ts'
import type { OnlineFdr } from '../stats/online-fdr.ts'
import { saffron } from '../stats/saffron.ts'
import type { Look } from './report.ts'
import { wrap } from './terminal.ts'
import { count, counted, percent, place, subjectName } from './wording.ts'

/** A batch test that is rejected: something is wrong with the batch, or it is one of the few false ones. */
export interface Discovery {
  readonly where: string // first row of the batch
  readonly detector: string
  readonly subject: Subject
  readonly p: number
  readonly level: number // that p had to reach
}

/** What a procedure makes of all batch tests in the order in which they came. */
export interface Procedure {
  readonly name: string
  readonly discoveries: number
  readonly examples: readonly Discovery[] // the first
}

/** Batch tests at a false discovery rate: a second look at a run, beside the alarms, which keep their own budget. */
export interface Audit {
  readonly rate: number // expected share of false ones among the discoveries, at most
  readonly tests: number
  readonly procedures: readonly Procedure[]
}

const procedures: readonly (readonly [name: string, open: (alpha: number) => OnlineFdr])[] = [
  ['LORD++', lordPlusPlus],
  ['SAFFRON', saffron],
  ['ADDIS', addis],
]
const mostExamples = 20

export function openAudit(rate: number) {
  const open = procedures.map(([name, of]) => ({
    name,
    procedure: of(rate),
    discoveries: 0,
    examples: [] as Discovery[],
  }))
  let tests = 0
  return {
    add({ batch, tests: found = [] }: Outcome): void {
      const at = batch.messages[0]?.at
      for (const { detector, subject, p } of found) {
        tests++
        for (const each of open) {
          const { level, rejected } = each.procedure.next(p)
          if (!rejected) continue
          each.discoveries++
          if (each.examples.length < mostExamples)
            each.examples.push({ where: at === undefined ? '' : place(at), detector, subject, p, level })
        }
      }
    },
    result: (): Audit => ({
      rate,
      tests,
      procedures: open.map(({ name, discoveries, examples }) => ({ name, discoveries, examples })),
    }),
  }
}

const shown = 5

/** The audit for people. */
export function auditLines(audit: Audit | null, { width }: Look): string[] {
  if (audit === null) return []
  const { rate, tests, procedures: done } = audit
  const head = `${counted(tests, 'test')} of single batches; of what each procedure rejects at most ${percent(rate)} are false on average, where tests are independent (those of one batch are not quite)`
  return [
    wrap(head, width, '  '),
    ...done.flatMap(({ name, discoveries, examples }) => [
      `  ${name.padEnd(8)}${count(discoveries)} rejected`,
      ...examples
        .slice(0, shown)
        .map(({ where, detector, subject, p }) =>
          wrap(`${where}, ${detector}: ${subjectName(subject)}, p = ${p.toPrecision(2)}`, width, '        ', '    '),
        ),
      ...(discoveries > shown ? [`    and ${count(discoveries - Math.min(shown, examples.length))} more`] : []),
    ]),
  ]
}
