import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { TasterError } from '../../../src/core/errors.ts'
import { openCanaryMetrics } from '../../../src/observe/canary-metrics.ts'
import { openMetrics } from '../../../src/observe/metrics.ts'
import { committed, facts, outcome } from './outcomes.ts'
import { samplesIn } from './series-in.ts'

const read = (path: string) => readFileSync(new URL(`../../../deploy/${path}`, import.meta.url), 'utf8')

interface Panel {
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
}
const dashboard = JSON.parse(read('grafana/taster.json')) as { readonly panels: readonly Panel[] }
const alerts = parse(read('prometheus/alerts.yml')) as {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[]
}

/** Each metric that a process which saw everything exports, with the labels of its series. */
async function exported(): Promise<Map<string, Set<string>>> {
  const metrics = openMetrics('1.2.3')
  metrics.backend({ name: 'wasm', detail: '' })
  const notify = metrics.pipeline('mail', facts)
  const error = new TasterError('PRODUCER_FENCED', 'x')
  notify({ kind: 'joined', member: 'm', partitions: [0] })
  notify({ kind: 'opened', partition: 0, offset: 0n, remeasured: 0, seconds: 0 })
  notify({ kind: 'lag', partition: 0, records: 0n, seconds: 0 })
  notify({ kind: 'evidence', partition: 0, bytes: 1 })
  notify({ kind: 'stage', partition: 0, stage: 'judge', seconds: 0 })
  notify({ kind: 'aborted', partition: 0, error })
  notify({ kind: 'retrying', partition: 0, error, afterMs: 1 })
  notify(committed(0, outcome({ rejected: ['RECORD_EMPTY'] })))
  const canary = openCanaryMetrics('1.2.3', 'mail', ['trigger-word'])
  const trial = { attack: 'trigger-word', caught: true, anyway: false, admitted: 1, records: 1 }
  canary.trial({ ...trial, alwaysFire: { records: 1 } }, { value: 1, lower: 0, upper: 1 })
  const found = new Map<string, Set<string>>()
  for (const { name, labels } of samplesIn((await metrics.text()) + (await canary.text()))) {
    const known = found.get(name) ?? new Set(['instance', 'job'])
    found.set(name, known)
    for (const label of labels.keys()) known.add(label)
  }
  return found
}

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, legend: legendFormat })),
  ),
  ...alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ where: alert, expr, legend: '' }))),
]
const metricsIn = (expr: string) => [...expr.matchAll(/\b(?:taster|process|nodejs)_\w+/g)].map(([name]) => name)
/** Labels that an expression groups, joins or selects by. */
const labelsIn = (expr: string) => [
  ...[...expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/)),
  ...[...expr.matchAll(/(\w+)\s*(?:=~|!=|!~|=)"/g)].map(([, name = '']) => name),
]
const labelsOfLegend = (legend: string) => [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name)

describe.each(expressions)('$where: $expr', ({ expr, legend }) => {
  it('asks for metrics and labels that there are', async () => {
    const found = await exported()
    const named = metricsIn(expr)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !found.has(name))).toEqual([])
    const labels = new Set(named.flatMap((name) => [...(found.get(name) ?? [])]))
    expect([...labelsIn(expr), ...labelsOfLegend(legend)].filter((label) => !labels.has(label))).toEqual([])
  })
})

describe('the dashboard', () => {
  it('shows every metric of Taster that is not only information', async () => {
    const shown = new Set(expressions.flatMap(({ expr }) => metricsIn(expr)))
    const base = (name: string) => name.replace(/_(bucket|sum|count)$/, '')
    const shownBases = new Set([...shown].map(base))
    const left = [...(await exported()).keys()].filter(
      (name) => name.startsWith('taster_') && !shownBases.has(base(name)),
    )
    const told = ['baseline_info', 'batches_total', 'compute_backend_info', 'input_bytes_total']
    expect(left.toSorted()).toEqual(told.map((name) => `taster_${name}`))
  })

  it('lays no panel over another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
  })
})
