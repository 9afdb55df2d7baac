import { column } from '../../../src/core/column.ts'
import type { CloudEvent, Outcome } from '../../../src/core/line.ts'
import type { Subject } from '../../../src/core/measurement.ts'
import type { Notice } from '../../../src/core/notice.ts'
import type { Decision, Finding } from '../../../src/core/verdict.ts'

export interface Given {
  readonly from?: number
  readonly decisions?: readonly Decision[]
  readonly source?: string
  readonly label?: string
  readonly text?: string
  readonly findings?: readonly Finding[]
  readonly events?: readonly CloudEvent[]
  readonly rejected?: readonly string[] // codes
  readonly unscored?: boolean
  readonly verdict?: string
}

export function outcome(given: Given = {}): Outcome {
  const { from = 0, decisions = ['pass'], source = 's', label = 'y', text = 'x', rejected = [] } = given
  const records = decisions.filter((decision) => decision !== 'dead-letter')
  const messages = decisions.map((_, i) => ({
    at: { topic: 'in', partition: 0, offset: BigInt(from + i) },
    timestamp: 0,
    key: new Uint8Array(1),
    value: new TextEncoder().encode(text),
    headers: [],
  }))
  return {
    batch: {
      digest: '',
      messages,
      messageOf: Int32Array.from(records, (_, i) => i),
      rowOf: new Int32Array(records.length),
      rejected: rejected.map((code, i) => ({ message: i, row: 0, code, reason: text })),
      id: records.map((_, i) => `${text}${from + i}`),
      source: column(records.map(() => source)),
      label: column(records.map(() => label)),
      at: new Float64Array(records.length),
      content: { kind: 'text', text: records.map(() => text) },
    },
    verdict: {
      id: given.verdict ?? 'v1',
      decision: decisions.includes('quarantine') ? 'quarantine' : 'pass',
      rulings: decisions.map((decision, i) => ({ message: i, row: 0, decision, reason: text })),
      findings: given.findings ?? [],
      insufficient: [],
    },
    repeatedIds: 0,
    events: given.events ?? [],
    unscored: given.unscored ?? false,
    snapshot: null,
  }
}

export const finding = (subject: Subject, raised = true, detector = 'trigger'): Finding => ({
  detector,
  subject,
  logE: 10,
  threshold: 9,
  raised,
  onset: null,
  rows: [],
  explanation: { summary: 'word "secret-word" stands in many', suspects: [0], facts: { word: 'secret-word' } },
})

export const event = (type: string, detector: string, data: object = {}): CloudEvent => ({
  specversion: '1.0',
  id: `id of ${type}`,
  source: '/taster/mail',
  type: `taster.${type}`,
  time: '2020-01-01T00:00:00.000Z',
  subject: detector,
  datacontenttype: 'application/json',
  data,
})

export const committed = (partition: number, ...outcomes: Outcome[]): Notice => ({
  kind: 'committed',
  partition,
  outcomes,
  seconds: outcomes.map(() => 0.25),
  next: 100n,
})

export const facts = {
  budget: { falseAlarms: 1, batches: 1000 },
  baseline: 'sha256:aa',
  detectors: ['trigger', 'pair-flip'],
  batchSeconds: 0,
  joinSeconds: 0,
}
