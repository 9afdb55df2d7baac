import { describe, expect, it } from 'vitest'
import type { Notice } from '../../../src/core/notice.ts'
import { openLog } from '../../../src/observe/log.ts'
import { openObserver } from '../../../src/observe/observer.ts'
import { settingsFrom } from '../../../src/observe/settings.ts'
import { fakeClock } from './fake-clock.ts'
import { committed, facts, outcome } from './outcomes.ts'
import { samplesIn } from './series-in.ts'

function observing(env: Readonly<Record<string, string>> = {}) {
  const written: string[] = []
  const clock = fakeClock()
  const settings = settingsFrom({ TASTER_HTTP_PORT: '0', ...env })
  const observer = openObserver({
    version: '1.2.3',
    settings,
    log: openLog(settings.level, { write: (line) => written.push(line) }),
    pipelines: ['mail'],
    clock,
  })
  const events = () => written.map((line) => (JSON.parse(line) as { readonly event: string }).event)
  return { observer, clock, events }
}

describe('the observer', () => {
  it('tells log, metrics and health of what happens', async () => {
    const { observer, clock, events } = observing({ TASTER_WATCHDOG_SECONDS: '10' })
    const expired: string[] = []
    const watchdog = observer.watch((reason) => expired.push(reason))
    const served = await observer.serve()
    const get = async (path: string) => {
      const answer = await fetch(served.url + path)
      return { status: answer.status, text: await answer.text() }
    }
    expect((await get('/readyz')).status).toBe(503)
    observer.backend({ name: 'wasm', threads: 2, detail: 'SIMD' })
    const notify = observer.pipeline('mail', facts)
    notify({ kind: 'joined', member: 'm', partitions: [0] })
    notify({ kind: 'opened', partition: 0, offset: 0n, remeasured: 0, seconds: 0 })
    notify(committed(0, outcome()))
    expect((await get('/readyz')).status).toBe(200)
    const batches = samplesIn((await get('/metrics')).text).find(
      ({ name, labels }) => name === 'taster_batches_total' && labels.get('decision') === 'pass',
    )
    expect(batches?.value).toBe(1)
    expect(events()).toEqual(['serving', 'backend', 'pipeline', 'joined', 'opened', 'batch'])
    clock.pass(15_000)
    expect(expired).toHaveLength(1)
    expect((await get('/healthz')).status).toBe(503)
    watchdog.close()
    await served.close()
  })

  it('never lets a figure that goes wrong stop the line', () => {
    const { observer, events } = observing()
    const notify = observer.pipeline('mail', facts)
    const broken = { ...committed(0), outcomes: null } as unknown as Notice
    expect(() => notify(broken)).not.toThrow()
    expect(events()).toContain('observer-failed')
  })
})
