import { start, type Ended } from '../integration/taster.ts'

/** A running `taster start`, or another command that logs. */
export interface Process {
  readonly pid: number
  /** Resolves with the first log line from now on, or that was logged before, that has these fields. Rejects where the process ends before. */
  logged(fields: { readonly [name: string]: unknown }): Promise<{ readonly [name: string]: unknown }>
  lines(): readonly { readonly [name: string]: unknown }[]
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

const running = new Set<Process>()

/** Starts `taster start` on a pipeline as an operator would. */
export function startTaster(
  files: readonly string[],
  brokers: string,
  options: {
    readonly flags?: readonly string[]
    readonly env?: NodeJS.ProcessEnv
    readonly program?: string
    readonly command?: string
  } = {},
): Process {
  const env = { KAFKA_BROKERS: brokers, KAFKA_SESSION_TIMEOUT_MS: '1500', TASTER_HTTP_PORT: '0', ...options.env }
  const child = start([options.command ?? 'start', ...files, ...(options.flags ?? [])], '/', env, options.program)
  const lines: { readonly [name: string]: unknown }[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let over = false
  child.stdout.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part) as { [name: string]: unknown })
    for (const check of waiting) check()
  })
  const process: Process = {
    pid: child.pid ?? 0,
    lines: () => lines,
    kill: (signal) => void child.kill(signal),
    ended: child.ended.finally(() => {
      over = true
      running.delete(process)
      for (const check of waiting) check()
    }),
    logged: (fields) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => Object.entries(fields).every(([name, value]) => line[name] === value))
          if (found !== undefined || over) waiting.delete(check)
          if (found !== undefined) resolve(found)
          else if (over)
            void child.ended.then(({ code, err }) =>
              reject(new Error(`it ended with ${code} before it logged ${JSON.stringify(fields)}: ${err}`)),
            )
        }
        waiting.add(check)
        check()
      }),
  }
  running.add(process)
  return process
}

/** Ends what a failed test has left running. */
export function killAll(): void {
  for (const each of running) each.kill('SIGKILL')
}
