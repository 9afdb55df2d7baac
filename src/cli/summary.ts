import type { Insufficient, Finding } from '../core/verdict.ts'
import { subjectKey, type Subject } from '../core/measurement.ts'
import type { AbsentColumn, Batch } from '../core/batch.ts'
import { valueAt } from '../core/column.ts'
import type { Outcome } from '../core/line.ts'
import { openRecalled, type Recalled } from './recalled.ts'
import { place } from './wording.ts'

/** Where records went. Every row that was read is in exactly one of the last three. */
export interface Counts {
  readonly read: number
  readonly clean: number
  readonly quarantine: number
  readonly deadLetter: number
  readonly repeatedIds: number // records whose id an earlier one had; they are judged like any other unless the pipeline forbids it
}

export interface Found {
  readonly detector: string
  readonly subject: Subject
  readonly summary: string // of the explanation, when the evidence was strongest
  readonly facts: Finding['explanation']['facts']
  readonly logE: number // strongest
  readonly threshold: number
  readonly onset: string // where the evidence began to grow
  readonly raised: string // where the alarm was raised
  readonly batches: number
  readonly records: number // in those batches
  readonly suspects: readonly string[] // ids, worst first, of the strongest batch
}

export interface Diverted {
  readonly code: string
  readonly decision: 'quarantine' | 'dead-letter'
  readonly count: number
  readonly example: { readonly where: string; readonly reason: string }
}

export interface Waiting {
  readonly detector: string
  readonly subjects: number
  readonly example: Insufficient // the one that has come furthest
}

/** What happened on a line, in as much memory as there are distinct findings and reasons, whatever the input's size. */
export interface Summary {
  readonly counts: Counts
  readonly files: readonly { readonly path: string; readonly rows: number }[]
  readonly batches: { readonly judged: number; readonly flagged: number }
  readonly findings: readonly Found[] // strongest first
  readonly findingsLeftOut: number
  readonly diverted: readonly Diverted[]
  readonly waiting: readonly Waiting[]
  readonly recalled: readonly Recalled[] // rows that passed before an alarm which concerns them was raised
  readonly absentColumns: readonly AbsentColumn[] // in no record of the whole run
  readonly newLabels: { readonly records: number; readonly examples: readonly string[] } // that no trusted record has
}

// An attacker who invents sources or reasons must not fill the memory.
const most = { findings: 1000, subjects: 2000, files: 10_000, reasons: 100, newLabels: 3 }

type Draft<T> = { -readonly [key in keyof T]: T[key] }

/** `trustedLabels`: those of the baseline; empty where it has none. */
export function openSummary(trustedLabels: readonly string[] = []) {
  const counts: Draft<Counts> = { read: 0, clean: 0, quarantine: 0, deadLetter: 0, repeatedIds: 0 }
  const files = new Map<string, number>()
  const batches = { judged: 0, flagged: 0 }
  const findings = new Map<string, Draft<Found>>()
  let findingsLeftOut = 0
  const diverted = new Map<string, Draft<Diverted>>()
  const waiting = new Map<string, Map<string, Insufficient>>()

  const recalled = openRecalled()
  let absentColumns: readonly AbsentColumn[] | undefined // of no record so far; undefined before the first
  const trusted = new Set(trustedLabels)
  const newLabels = { records: 0, examples: new Set<string>() }

  const addColumns = (batch: Batch) => {
    if (batch.id.length === 0) return
    const missing = new Set(batch.absent?.map(({ part }) => part))
    absentColumns = (absentColumns ?? batch.absent ?? []).filter(({ part }) => missing.has(part))
    if (trusted.size === 0) return
    for (let row = 0; row < batch.id.length; row++) {
      const label = valueAt(batch.label, row)
      if (label === undefined || trusted.has(label)) continue
      newLabels.records++
      if (newLabels.examples.size < most.newLabels) newLabels.examples.add(label)
    }
  }

  const addRulings = ({ batch, verdict }: Outcome) => {
    for (const { message, row, decision, reason } of verdict.rulings) {
      const at = batch.messages[message]?.at
      counts.read++
      if (decision === 'pass') counts.clean++
      else if (decision === 'quarantine') counts.quarantine++
      else counts.deadLetter++
      const path = at?.topic ?? ''
      if (files.has(path) || files.size < most.files) files.set(path, (files.get(path) ?? 0) + 1)
      const code = /^([A-Z]+(?:_[A-Z]+)+): /.exec(reason)?.[1]
      if (decision === 'pass' || code === undefined) continue
      const key = `${decision} ${code}`
      const known = diverted.get(key)
      if (known !== undefined) known.count++
      else if (diverted.size < most.reasons)
        diverted.set(key, {
          code,
          decision,
          count: 1,
          example: { where: at === undefined ? '' : place(at, row), reason: reason.slice(code.length + 2) },
        })
    }
  }

  const addFinding = (batch: Batch, finding: Finding) => {
    const { detector, subject, explanation, logE, threshold } = finding
    const key = JSON.stringify([detector, subjectKey(subject)])
    const first = batch.messages[0]?.at
    const here = first === undefined ? '' : place(first)
    const strongest = () => ({
      summary: explanation.summary,
      facts: explanation.facts,
      logE,
      suspects: explanation.suspects.slice(0, 10).map((row) => batch.id[row] ?? ''),
    })
    const known = findings.get(key)
    if (known === undefined) {
      if (findings.size >= most.findings) {
        findingsLeftOut++
        return
      }
      const onset = finding.onset === null ? here : place(finding.onset)
      const draft = { detector, subject, threshold, onset, raised: here, batches: 1, records: batch.id.length }
      findings.set(key, { ...draft, ...strongest() })
      return
    }
    known.batches++
    known.records += batch.id.length
    if (logE > known.logE) Object.assign(known, strongest())
  }

  const addWaiting = (batch: Batch, insufficient: readonly Insufficient[]) => {
    const here = { source: new Set(batch.source.values), label: new Set(batch.label.values) }
    // What was waiting, occurs in this batch and is not waiting any more, has been tested.
    for (const subjects of waiting.values())
      for (const [key, { subject }] of subjects) {
        const occurs =
          subject.kind === 'stream' ||
          ((subject.kind === 'source' || subject.kind === 'label') && here[subject.kind].has(subject.name)) ||
          (subject.kind === 'pair' && here.source.has(subject.source))
        if (occurs) subjects.delete(key)
      }
    for (const each of insufficient) {
      const subjects = waiting.get(each.detector) ?? new Map<string, Insufficient>()
      waiting.set(each.detector, subjects)
      if (subjects.size < most.subjects) subjects.set(subjectKey(each.subject), each)
    }
  }

  return {
    add(outcome: Outcome): void {
      const { batch, verdict } = outcome
      batches.judged++
      counts.repeatedIds += outcome.repeatedIds
      if (verdict.findings.length > 0 || verdict.decision !== 'pass') batches.flagged++
      addColumns(batch)
      addRulings(outcome)
      recalled.add(outcome)
      for (const finding of verdict.findings) addFinding(batch, finding)
      addWaiting(batch, verdict.insufficient)
    },
    result(): Summary {
      return {
        counts: { ...counts },
        files: [...files].map(([path, rows]) => ({ path, rows })),
        batches: { ...batches },
        findings: [...findings.values()].toSorted((a, b) => b.logE - b.threshold - (a.logE - a.threshold)),
        findingsLeftOut,
        diverted: [...diverted.values()].toSorted((a, b) => b.count - a.count),
        waiting: [...waiting].flatMap(([detector, subjects]) => {
          const [example] = [...subjects.values()].toSorted((a, b) => b.records / b.needed - a.records / a.needed)
          return example === undefined ? [] : [{ detector, subjects: subjects.size, example }]
        }),
        recalled: recalled.result(),
        absentColumns: absentColumns ?? [],
        newLabels: { records: newLabels.records, examples: [...newLabels.examples] },
      }
    },
  }
}
