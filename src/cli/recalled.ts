import type { Outcome } from '../core/line.ts'
import type { Position } from '../core/message.ts'
import { subjectName } from './wording.ts'

/** Rows of a file, from 1, both ends included, that passed while the evidence of a later alarm already grew. */
export interface Recalled {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly rows: number // of them that passed; the others were held back
  readonly because: readonly string[] // detector and subject of alarms
}

interface Span {
  readonly from: number // from 0
  readonly to: number // exclusive
}
type Passed = Span & { readonly passed: number }
type Cause = Span & { readonly because: readonly string[] }

interface FileRows {
  passed: Passed[] // in order; neighbours of which all rows passed, or none, are one
  recalled: Cause[] // in order, apart from each other
}

// Beyond so many the runs of a file are joined by pairs, so that what passed becomes an upper bound.
const most = { runs: 20_000, ranges: 100, causes: 3, files: 10_000 }

/** Keeps what must be dropped from clean/ once an alarm says since when it should have been held back. */
export function openRecalled() {
  const files = new Map<string, FileRows>() // in the order of the input

  const addPassed = ({ batch, verdict }: Outcome): ReadonlyMap<string, Span> => {
    const here = new Map<string, { from: number; to: number; passed: number }>()
    for (const { message, row, decision } of verdict.rulings) {
      const at = batch.messages[message]?.at
      if (at === undefined) continue
      const place = Number(at.offset) + row
      const span = here.get(at.topic) ?? { from: place, to: place, passed: 0 }
      here.set(at.topic, span)
      span.to = Math.max(span.to, place + 1)
      if (decision === 'pass') span.passed++
    }
    for (const [path, span] of here) {
      const file = files.get(path) ?? { passed: [], recalled: [] }
      if (!files.has(path) && files.size >= most.files) continue
      files.set(path, file)
      const before = file.passed.at(-1)
      if (before !== undefined && uniform(before, span)) file.passed.splice(-1, 1, joined(before, span))
      else file.passed.push(span)
      if (file.passed.length > most.runs) file.passed = byPairs(file.passed)
    }
    return here
  }

  /** Everything from the onset to the batch's end: the rest of the file it lies in, and the files between. */
  const recall = (onset: Position, here: ReadonlyMap<string, Span>, because: string) => {
    let begun = false
    for (const [path, file] of files) {
      if (path === onset.topic) begun = true
      if (!begun) continue
      const to = here.get(path)?.to ?? file.passed.at(-1)?.to ?? 0
      const from = path === onset.topic ? Number(onset.offset) : 0
      if (from < to) file.recalled = merged([...file.recalled, { from, to, because: [because] }])
    }
  }

  return {
    add(outcome: Outcome): void {
      const here = addPassed(outcome)
      for (const { raised, onset, detector, subject, explanation } of outcome.verdict.findings)
        if (raised && onset !== null) recall(onset, here, `${detector}: ${subjectName(subject, explanation.facts)}`)
    },
    result(): Recalled[] {
      return [...files].flatMap(([path, { passed, recalled }]) =>
        recalled
          .map(({ from, to, because }) => ({ path, from: from + 1, to, rows: passedWithin(passed, from, to), because }))
          .filter(({ rows }) => rows > 0),
      )
    },
  }
}

/** Whether what passed of two runs can be told from their sum alone. */
function uniform(a: Passed, b: Passed): boolean {
  const all = (run: Passed) => run.passed === run.to - run.from
  return a.to === b.from && ((all(a) && all(b)) || (a.passed === 0 && b.passed === 0))
}

const joined = (a: Passed, b: Passed): Passed => ({ from: a.from, to: b.to, passed: a.passed + b.passed })

function byPairs(runs: readonly Passed[]): Passed[] {
  return runs.flatMap((run, i) => {
    const next = runs[i + 1]
    if (i % 2 === 1) return []
    return next === undefined ? [run] : [joined(run, next)]
  })
}

function passedWithin(runs: readonly Passed[], from: number, to: number): number {
  return runs.reduce((sum, run) => {
    const overlap = Math.min(run.to, to) - Math.max(run.from, from)
    return overlap <= 0 ? sum : sum + Math.min(run.passed, overlap)
  }, 0)
}

function merged(ranges: readonly Cause[]): Cause[] {
  const apart: Cause[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1)
    if (last === undefined || (range.from > last.to && apart.length < most.ranges)) apart.push(range)
    else {
      const because = [...new Set([...last.because, ...range.because])].slice(0, most.causes)
      apart.splice(-1, 1, { from: last.from, to: Math.max(last.to, range.to), because })
    }
  }
  return apart
}
