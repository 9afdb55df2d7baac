import { describe, expect, it, vi } from 'vitest'
import type { Thread } from '../../../src/engine/thread.ts'
import { openThreads } from '../../../src/engine/threads.ts'

interface Started extends Thread {
  lost: boolean
}

const started: Started[] = []
vi.mock('../../../src/engine/thread.ts', () => ({
  startThread: () => {
    const thread: Started = {
      lost: false,
      ask: () => Promise.reject(new Error('nothing is asked here')),
      end() {
        thread.lost = true
        return Promise.resolve()
      },
    }
    started.push(thread)
    return thread
  },
}))

describe('compute threads', () => {
  it('are started when something has to be done, as many as there may be', async () => {
    const threads = openThreads(2)
    expect(started).toHaveLength(0)
    const first = threads.leastLoaded()
    expect(threads.leastLoaded()).toBe(first) // it has nothing to do yet
    first.load++
    const second = threads.leastLoaded()
    second.load++
    expect(started).toEqual([first.thread, second.thread])
    first.load++
    expect(threads.leastLoaded()).toBe(second)
    second.load++
    expect(threads.leastLoaded((thread) => thread === second.thread)).toBe(second)
    expect(threads.leastLoaded()).toBe(first)
    expect(started).toHaveLength(2)

    const [lost] = started.splice(0)
    if (lost !== undefined) lost.lost = true
    const third = threads.leastLoaded()
    expect(started).toEqual([third.thread])
    expect([first, second]).not.toContain(third)

    await threads.end()
    expect(second.thread.lost && third.thread.lost).toBe(true)
    expect(() => threads.leastLoaded()).toThrow('closed')
  })
})
