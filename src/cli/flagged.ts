import type { Outcome } from '../core/line.ts'
import { printable } from './terminal.ts'
import { count, counted, fromLog, place, subjectName } from './wording.ts'

export const isFlaggedBatch = ({ verdict }: Outcome): boolean =>
  verdict.decision !== 'pass' || verdict.findings.length > 0

const shown = 3

/** One reason why a batch was flagged, in a line. */
export interface Flag {
  readonly mark: 'observed' | 'quarantined'
  readonly text: string
  readonly news: boolean // false: an alarm that was told before lasts
}

/** Why a batch was flagged: its new alarms, or that old ones last. */
export function flagsOf({ batch, verdict }: Outcome): readonly Flag[] {
  const mark = verdict.decision === 'pass' ? 'observed' : 'quarantined'
  const first = batch.messages[0]
  const stopped = verdict.rulings.filter(({ decision }) => decision === 'quarantine').length
  const size = counted(batch.id.length, 'record')
  const part = mark === 'observed' || stopped === batch.id.length ? size : `${count(stopped)} of ${size}`
  const where = `${first === undefined ? 'a batch' : place(first.at)}, ${part}`

  const fresh = verdict.findings.filter(({ raised }) => raised).toSorted((a, b) => b.logE - a.logE)
  if (fresh.length > 0)
    return fresh.slice(0, shown).map(({ detector, explanation, logE, threshold }, i) => {
      const more = i === shown - 1 && fresh.length > shown ? `; and ${count(fresh.length - shown)} more` : ''
      const alarm = logE < threshold ? 'with the others above' : 'alarm from'
      const evidence = `(e = ${fromLog(logE)}, ${alarm} ${fromLog(threshold)})${more}`
      return { mark, news: true, text: `${where}: ${detector}: ${printable(explanation.summary, 300)} ${evidence}` }
    })
  if (verdict.findings.length > 0) {
    const lasting = verdict.findings.map(
      ({ detector, subject, explanation }) => `${detector}: ${subjectName(subject, explanation.facts)}`,
    )
    const more = lasting.length > shown ? `; ${count(lasting.length - shown)} more` : ''
    return [
      { mark, news: false, text: `${where}: ${lasting.slice(0, shown).join('; ')}${more}, still above the budget` },
    ]
  }
  const reason = verdict.rulings.find(({ decision }) => decision === 'quarantine')?.reason ?? ''
  return [{ mark, news: true, text: `${where}: ${printable(reason, 300)}` }]
}
