import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

type Fields = { readonly [name: string]: unknown }

/** A process that tells what happens to it in JSON lines on its standard output. */
export interface Running {
  readonly pid: number
  /** All that it has told so far, with when that came (performance.now()). */
  readonly lines: readonly Line[]
  /** The first line that has these fields. Rejects where the process ends before. */
  told(fields: Fields): Promise<Line>
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<number | null> // exit code
}

export interface Line {
  readonly at: number // performance.now() when it came
  readonly fields: Fields
}

const running = new Set<Running>()
const mostLines = 100_000

/** Starts a script of the build. */
export function startScript(
  script: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly node?: readonly string[] } = {},
): Running {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [...(options.node ?? []), path, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let stderr = ''
  let over = false
  const check = () => {
    for (const each of waiting) each()
  }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-10_000)))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const at = performance.now()
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.startsWith('{')) lines.push({ at, fields: JSON.parse(part) as Fields })
    if (lines.length > mostLines) lines.splice(1000, mostLines / 2) // the beginning tells of the start
    check()
  })
  const it: Running = {
    pid: child.pid ?? 0,
    lines,
    told: (fields) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => Object.entries(fields).every(([name, of]) => line.fields[name] === of))
          if (found === undefined && !over) return
          waiting.delete(look)
          if (found !== undefined) resolve(found)
          else reject(new Error(`${path} ended before it told ${JSON.stringify(fields)}: ${stderr}`))
        }
        waiting.add(look)
        look()
      }),
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => {
        over = true
        running.delete(it)
        check()
        resolve(code)
      })
    }),
  }
  running.add(it)
  return it
}

/** Ends what a bench that failed has left running. */
export function killAll(): void {
  for (const each of running) each.kill('SIGKILL')
}
