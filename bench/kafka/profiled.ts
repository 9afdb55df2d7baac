import { existsSync, readlinkSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

// Loaded before everything else, into each thread of a process that is to be profiled (node --import). Profiles its
// thread from the beginning until a file `stop` is found in the folder that TASTER_BENCH_PROFILE names: a thread that is
// busy looks for nothing meanwhile, so whoever reads the profile cuts out the stretch that it wants.

const folder = process.env['TASTER_BENCH_PROFILE']
const everyMs = 200
const sampleMicroseconds = 1000

if (folder !== undefined) profile(folder)

function profile(within: string): void {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: sampleMicroseconds })
  session.post('Profiler.start')
  const native = Number(readlinkSync('/proc/thread-self').split('/').at(-1)) // its id in /proc
  const timer = setInterval(() => {
    if (!existsSync(join(within, 'stop'))) return
    clearInterval(timer)
    session.post('Profiler.stop', (_error, { profile: taken }) => {
      writeFileSync(join(within, `${threadId}.json`), JSON.stringify({ threadId, native, profile: taken }))
    })
  }, everyMs)
  timer.unref()
}
