import { expect, it } from 'vitest'
import { openCanaryMetrics } from '../../../src/observe/canary-metrics.ts'
import { samplesIn } from './series-in.ts'

const trial = { attack: 'trigger-word', caught: true, anyway: false, admitted: 3, records: 200 }
const recall = { value: 0.5, lower: 0.1, upper: 0.9 }

it('counts trials by attack beside always firing, from 0 on', async () => {
  const metrics = openCanaryMetrics('1.2.3', 'mail', ['label-flips', 'trigger-word'])
  metrics.trial({ ...trial, alwaysFire: { records: 50 } }, recall)
  metrics.trial({ ...trial, caught: false, anyway: true, admitted: 30, alwaysFire: { records: 50 } }, recall)
  metrics.batch(100, 20)
  const samples = samplesIn(await metrics.text())
  const valueOf = (name: string, attack?: string, more: readonly [string, string] = ['', '']) =>
    samples.find(
      (sample) =>
        sample.name === `taster_canary_${name}` &&
        sample.labels.get('attack') === attack &&
        (more[0] === '' || sample.labels.get(more[0]) === more[1]),
    )?.value
  expect(valueOf('trials_total', 'label-flips')).toBe(0)
  expect(valueOf('trials_total', 'trigger-word')).toBe(2)
  expect(valueOf('caught_total', 'trigger-word')).toBe(1)
  expect(valueOf('alarmed_anyway_total', 'trigger-word')).toBe(1)
  expect(valueOf('recall', 'trigger-word')).toBe(0.5)
  expect(valueOf('recall_bound', 'trigger-word', ['bound', 'upper'])).toBe(0.9)
  expect(valueOf('delay_records_sum', 'trigger-word')).toBe(200) // of what was caught
  expect(valueOf('always_fire_delay_records_sum', 'trigger-word')).toBe(100)
  expect(valueOf('admitted_poisons_sum', 'trigger-word')).toBe(33)
  expect(valueOf('records_total')).toBe(100)
  expect(valueOf('held_records_total')).toBe(20)
})
