import { describe, expect, it } from 'vitest'
import { logClient } from '../../../src/observe/client-log.ts'
import { openLog } from '../../../src/observe/log.ts'
import type { Level } from '../../../src/observe/settings.ts'
import { fakeClock } from './fake-clock.ts'

function logged(level: Level) {
  const written: string[] = []
  const clock = fakeClock()
  const tell = logClient(openLog(level, { write: (line) => written.push(line) }), clock)
  return { tell, clock, lines: () => written.map((line) => JSON.parse(line) as { readonly [field: string]: unknown }) }
}

describe("the client's lines", () => {
  it('are warnings where they are errors, with what may be told of them', () => {
    const { tell, lines } = logged('info')
    tell('error', 'Connection error: connect ECONNREFUSED', {
      broker: 'b:9092',
      retryCount: 2,
      payload: { password: 'hunter2' },
      stack: 'at x',
    })
    expect(lines()).toMatchObject([
      { level: 'warn', event: 'kafka-client', msg: 'Connection error: connect ECONNREFUSED', broker: 'b:9092' },
    ])
    expect(JSON.stringify(lines())).not.toMatch(/hunter2|stack|payload/)
  })

  it('are left out where they are routine, unless asked for', () => {
    const routine = (tell: ReturnType<typeof logged>['tell']) => {
      tell('info', 'Consumer has joined the group', { memberId: 'm' })
      tell('warn', 'The group is rebalancing, re-joining', { groupId: 'g' })
      tell('error', 'Response AddPartitionsToTxn(key: 24, version: 1)', {
        error:
          'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
      })
    }
    const quiet = logged('info')
    routine(quiet.tell)
    expect(quiet.lines()).toEqual([])
    const talkative = logged('debug')
    routine(talkative.tell)
    expect(talkative.lines().map(({ level }) => level)).toEqual(['debug', 'debug', 'debug'])
  })

  it('come once in a while where they repeat', () => {
    const { tell, clock, lines } = logged('info')
    for (let i = 0; i < 50; i++) tell('error', `Connection timeout after ${i} ms`, {})
    clock.pass(30_000)
    tell('error', 'Connection timeout after 7 ms', {})
    expect(lines().map(({ leftOut }) => leftOut)).toEqual([0, 49])
  })
})
