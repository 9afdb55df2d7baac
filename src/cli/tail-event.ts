import { z } from 'zod'
import type { ToldEvent } from './tail-seen.ts'
import { printable } from './terminal.ts'
import { counted, quoted, subjectName } from './wording.ts'

/** An event in words: how bad it is, what happened, and lines that say more. */
export interface Said {
  readonly level: 'bad' | 'good' | 'note'
  readonly what: string
  readonly text: string
  readonly more: readonly string[]
}

const name = z.string()
const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stream') }),
  z.object({ kind: z.literal('source'), name }),
  z.object({ kind: z.literal('label'), name }),
  z.object({ kind: z.literal('pair'), source: name, from: name, to: name }),
  z.object({ kind: z.literal('feature'), feature: z.number().catch(0), label: name }),
])
const place = z.object({ topic: name, partition: z.int(), offset: name }).nullable()
const span = { from: place, to: place }
const facts = z
  .record(z.string(), z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))]).catch(''))
  .catch({})
const reason = z.object({
  detector: name,
  subject,
  summary: name,
  facts,
  suspects: z.array(z.object({ id: name })).catch([]),
})

const shapes = {
  'taster.batch.quarantined': z.object({
    ...span,
    records: z.int(),
    held: z.int().optional(),
    reasons: z.array(reason),
    failures: z.array(z.object({ detector: name, message: name })).catch([]),
  }),
  'taster.alarm.raised': z.object({ ...span, detector: name, subject, summary: name, facts }),
  'taster.alarm.cleared': z.object({ detector: name, subject }),
  'taster.recall.advised': z.object({ ...span, detector: name, subject, summary: name.catch('') }),
  'taster.record.dead-lettered': z.object({
    ...span,
    rows: z.int(),
    faults: z.array(z.object({ code: name, rows: z.int(), reason: name })),
  }),
  'taster.detector.degraded': z.object({ ...span, detector: name, message: name }),
  'taster.pipeline.started': z.object({ pipeline: name, engine: name, member: name }),
  'taster.pipeline.stopped': z.object({ pipeline: name, member: name, reason: name.optional() }),
  'taster.canary.finished': z.object({
    ...span,
    attack: name,
    caught: z.boolean(),
    detectors: z.array(name),
    admitted: z.int(),
    poisons: z.int(),
    records: z.int(),
    soFar: z.object({ trials: z.int(), caught: z.int(), lower: z.number(), upper: z.number() }),
    alwaysFire: z.object({ records: z.int() }),
  }),
}

const shown = { reasons: 3, suspects: 5 }
const long = 500 // characters of a sentence

/** What an event says to someone who labels data. One that is not as Taster writes it is told by its type alone. */
export function sayEvent({ type, subject: about, data }: ToldEvent): Said {
  const said = sayKnown(type, data)
  if (said !== null) return said
  return { level: 'note', what: printable(type, 100), text: printable(about ?? '', 200), more: [] }
}

function sayKnown(type: string, data: unknown): Said | null {
  const as = <K extends keyof typeof shapes>(key: K): z.infer<(typeof shapes)[K]> | null => {
    if (type !== key) return null
    const { data: read } = shapes[key].safeParse(data)
    return (read ?? null) as z.infer<(typeof shapes)[K]> | null
  }
  const quarantined = as('taster.batch.quarantined')
  if (quarantined !== null) return sayQuarantined(quarantined)
  const raised = as('taster.alarm.raised')
  if (raised !== null) {
    const whom = subjectName(raised.subject, raised.facts)
    return said('bad', 'alarm', `${whom}, found by ${text(raised.detector)}: ${text(raised.summary)}`)
  }
  const cleared = as('taster.alarm.cleared')
  if (cleared !== null)
    return said('good', 'alarm over', `${subjectName(cleared.subject)}, which ${text(cleared.detector)} had found`)
  const recall = as('taster.recall.advised')
  if (recall !== null)
    return said('bad', 'recall', `drop from training what passed at ${spanText(recall)}: the evidence began there`, [
      `${text(recall.detector)}: ${text(recall.summary)}`,
    ])
  const dead = as('taster.record.dead-lettered')
  if (dead !== null) {
    const faults = dead.faults.slice(0, shown.reasons).map(({ code, rows, reason: why }) => {
      return `${counted(rows, 'row')} ${text(code)}: ${text(why)}`
    })
    return said(
      'bad',
      'unreadable',
      `${counted(dead.rows, 'row')} at ${spanText(dead)} went to the dead letters`,
      faults,
    )
  }
  const degraded = as('taster.detector.degraded')
  if (degraded !== null)
    return said(
      'bad',
      'degraded',
      `${text(degraded.detector)} could not judge ${spanText(degraded)}: ${text(degraded.message)}`,
    )
  const started = as('taster.pipeline.started')
  if (started !== null) return said('note', 'started', `Taster ${text(started.engine)}, by ${text(started.member)}`)
  const canary = as('taster.canary.finished')
  if (canary !== null) return sayCanary(canary)
  const stopped = as('taster.pipeline.stopped')
  if (stopped === null) return null
  const why = stopped.reason === undefined ? '' : `: ${text(stopped.reason)}`
  return said('note', 'stopped', `by ${text(stopped.member)}${why}`)
}

function sayQuarantined(quarantined: z.infer<(typeof shapes)['taster.batch.quarantined']>): Said {
  const { records, held, reasons, failures } = quarantined
  const part =
    held === undefined || held >= records ? counted(records, 'record') : `${held} of ${counted(records, 'record')}`
  const lines = reasons.slice(0, shown.reasons).map(({ detector, subject: whom, summary, facts: of, suspects }) => {
    const ids = suspects.slice(0, shown.suspects).map(({ id }) => quoted(id))
    const first = ids.length === 0 ? '' : ` (look first at ${ids.join(', ')})`
    return `${text(detector)}, ${subjectName(whom, of)}: ${text(summary)}${first}`
  })
  const others = reasons.length > lines.length ? [`and ${counted(reasons.length - lines.length, 'more reason')}`] : []
  const failed = failures
    .slice(0, shown.reasons)
    .map(({ detector, message }) => `${text(detector)} could not judge it: ${text(message)}`)
  return said('bad', 'quarantined', `${part} at ${spanText(quarantined)}`, [...lines, ...others, ...failed])
}

function sayCanary(canary: z.infer<(typeof shapes)['taster.canary.finished']>): Said {
  const { attack, caught, detectors, admitted, poisons, records, soFar, alwaysFire } = canary
  const bounds = `${Math.round(100 * soFar.lower)} to ${Math.round(100 * soFar.upper)} %`
  const far = `so far ${soFar.caught} of ${counted(soFar.trials, 'trial')} (${bounds})`
  const fire = `always firing would after ${counted(alwaysFire.records, 'record')}, and hold back everything`
  const told = caught
    ? `${text(attack)} named after ${counted(admitted, 'poison')} and ${counted(records, 'record')}, by ${detectors.map(text).join(', ')}`
    : `${text(attack)} was not named in ${counted(records, 'record')} with ${counted(poisons, 'poison')}`
  return said(caught ? 'good' : 'bad', caught ? 'canary caught' : 'canary missed', told, [`${far}; ${fire}`])
}

function said(level: Said['level'], what: string, of: string, more: readonly string[] = []): Said {
  return { level, what, text: of, more }
}

const text = (of: string) => printable(of, long)

function spanText({ from, to }: { readonly from: z.infer<typeof place>; readonly to: z.infer<typeof place> }): string {
  if (from === null) return 'an unknown place'
  const end = to === null || to.offset === from.offset ? '' : `–${printable(to.offset, 20)}`
  const where = `${printable(from.topic, 100)}/${from.partition} offset ${printable(from.offset, 20)}${end}`
  return to !== null && to.partition !== from.partition ? `${where} of partition ${to.partition}` : where
}
