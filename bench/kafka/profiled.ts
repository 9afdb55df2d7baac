import { existsSync, readlinkSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { performance, PerformanceObserver } from 'node:perf_hooks'
import { threadId } from 'node:worker_threads'

// Loaded before everything else, into each thread of a process that is to be profiled (node --import): takes a profile
// of its thread from when a file `start` is found in the folder that TASTER_BENCH_PROFILE names, until one `stop` is.

const folder = process.env['TASTER_BENCH_PROFILE']
const everyMs = 100
const sampleMicroseconds = 500

if (folder !== undefined) waitForStart(folder)

function waitForStart(within: string): void {
  const timer = setInterval(() => {
    if (!existsSync(join(within, 'start'))) return
    clearInterval(timer)
    profile(within)
  }, everyMs)
  timer.unref()
}

function profile(within: string): void {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: sampleMicroseconds })
  session.post('Profiler.start')
  const began = performance.now()
  const loop = performance.eventLoopUtilization()
  let collecting = 0 // ms
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collecting += duration
  })
  collections.observe({ entryTypes: ['gc'] })
  const timer = setInterval(() => {
    if (!existsSync(join(within, 'stop'))) return
    clearInterval(timer)
    const seconds = (performance.now() - began) / 1000
    const { idle } = performance.eventLoopUtilization(loop)
    session.post('Profiler.stop', (_error, { profile: taken }) => {
      const native = Number(readlinkSync('/proc/thread-self').split('/').at(-1)) // its id in /proc
      const told = { threadId, native, seconds, idle: idle / 1000, collecting: collecting / 1000, profile: taken }
      writeFileSync(join(within, `${threadId}.json`), JSON.stringify(told))
    })
  }, everyMs)
  timer.unref()
}
