import { readdir, readFile } from 'node:fs/promises'

// What the kernel says of a process (proc(5)). Its clock ticks 100 times a second on every Linux that Node runs on.
const ticksPerSecond = 100

/** Seconds of CPU, user and system, that a process or one of its threads has had; NaN where it is gone. */
async function cpuOf(path: string): Promise<number> {
  const stat = await readFile(path, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before may hold blanks
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

export const cpuSeconds = (pid: number): Promise<number> => cpuOf(`/proc/${pid}/stat`)

/** CPU seconds by thread id. */
export async function threadSeconds(pid: number): Promise<ReadonlyMap<number, number>> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const seconds = await Promise.all(threads.map((thread) => cpuOf(`/proc/${pid}/task/${thread}/stat`)))
  return new Map(threads.map((thread, i) => [Number(thread), seconds[i] ?? NaN]))
}

export interface Resident {
  readonly now: number // MiB
  readonly peak: number // MiB, since the process began
}

export async function resident(pid: number): Promise<Resident> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const mebibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }
}
