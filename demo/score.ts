import type { Outcome } from '../src/core/line.ts'
import type { Finding } from '../src/core/verdict.ts'
import type { Injected, Scenario } from './scenario.ts'

/** What became of one attack. */
export interface Caught {
  readonly attack: string
  readonly injected: number
  readonly named: string | null // what the first alarm about it said; null: never found out
  readonly detector: string | null
  readonly recordsUntilNamed: number | null // of its records that had arrived when that alarm was raised
  readonly stopped: number
  readonly recalled: number // passed first, then covered by a recall
  readonly passed: number
}

export interface Score {
  readonly attacks: readonly Caught[]
  readonly batches: number
  readonly cleanBatches: number // that hold no injected record
  readonly falseAlarms: number // raised in a clean batch
  readonly cleanQuarantined: number // clean batches held back, by those alarms or by ones that last
  readonly otherAlarms: number // raised in a batch with injected records, about something else
}

/** Whether a finding says what the attacker did: the word, the source, or that one text comes again and again. */
function names(finding: Finding, { name, target }: Injected): boolean {
  const { subject, detector, explanation } = finding
  switch (name) {
    case 'trigger-word':
      return detector === 'trigger' && (target.features ?? []).some((word) => explanation.summary.includes(word))
    case 'source-flip':
      return (
        (subject.kind === 'pair' && subject.source === target.source && subject.to === target.to) ||
        (subject.kind === 'source' && subject.name === target.source && detector === 'label-disagreement')
      )
    default:
      return detector === 'duplicate-flood'
  }
}

/** Follows a run over an attacked stream whose row i was made by attackOf[i]. */
export function openScore({ attackOf, injected }: Scenario) {
  const state = new Map(
    injected.map(({ name }) => [name, { arrived: 0, stopped: 0, passed: new Set<number>(), recalled: 0, named: null as null | { summary: string; detector: string; after: number } }]), // prettier-ignore
  )
  let [batches, cleanBatches, falseAlarms, cleanQuarantined, otherAlarms] = [0, 0, 0, 0, 0]

  return {
    watch({ batch, verdict }: Outcome): void {
      batches++
      const here = new Set<string>()
      for (const { message, decision } of verdict.rulings) {
        const row = Number(batch.messages[message]?.at.offset ?? -1n)
        const attack = attackOf[row] ?? null
        const of = attack === null ? undefined : state.get(attack)
        if (attack === null || of === undefined) continue
        here.add(attack)
        of.arrived++
        if (decision === 'pass') of.passed.add(row)
        else of.stopped++
      }
      if (here.size === 0) {
        cleanBatches++
        if (verdict.decision !== 'pass') cleanQuarantined++
      }
      for (const finding of verdict.findings.filter(({ raised }) => raised)) {
        const about = injected.find((each) => (state.get(each.name)?.arrived ?? 0) > 0 && names(finding, each))
        const of = about === undefined ? undefined : state.get(about.name)
        if (of !== undefined) {
          of.named ??= { summary: finding.explanation.summary, detector: finding.detector, after: of.arrived }
        } else if (here.size === 0) falseAlarms++
        else otherAlarms++
        if (finding.onset === null) continue
        for (const each of state.values()) {
          for (const row of each.passed) {
            if (BigInt(row) < finding.onset.offset) continue
            each.passed.delete(row)
            each.recalled++
          }
        }
      }
    },
    result(): Score {
      return {
        attacks: injected.map(({ name }) => {
          const of = state.get(name)
          return {
            attack: name,
            injected: attackOf.filter((attack) => attack === name).length,
            named: of?.named?.summary ?? null,
            detector: of?.named?.detector ?? null,
            recordsUntilNamed: of?.named?.after ?? null,
            stopped: of?.stopped ?? 0,
            recalled: of?.recalled ?? 0,
            passed: of?.passed.size ?? 0,
          }
        }),
        batches,
        cleanBatches,
        falseAlarms,
        cleanQuarantined,
        otherAlarms,
      }
    },
  }
}
