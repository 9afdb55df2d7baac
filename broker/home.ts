import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alive } from './process.ts'

const prefix = 'taster-broker-'

/** Waits until its input ends, which happens however the process at the other end dies, and then leaves nothing behind. */
const keeper = `
while read -r pid; do kept=$pid; done
[ -z "$kept" ] || kill -KILL "$kept"
sleep 1
rm -rf "$1"
`

/** A temporary folder for one broker. Folder and broker outlive this process by a second at most, even where it is killed. */
export interface Home {
  readonly folder: string
  /** Says which process to end with this one; null: none any more. */
  keep(pid: number | null): void
  remove(): void
}

export function openHome(): Home {
  removeAbandoned()
  const folder = mkdtempSync(join(tmpdir(), prefix))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  const child = spawn('sh', ['-c', keeper, 'sh', folder], {
    detached: true, // of its own session: Ctrl-C and a kill of this process's group do not reach it
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  const stdin = child.stdin as Socket // a pipe is one
  stdin.unref()
  return {
    folder,
    keep: (pid) => void stdin.write(`${pid ?? ''}\n`),
    remove() {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
      stdin.end()
    },
  }
}

/** Ends and removes what is left of processes that were killed together with their keeper. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(tmpdir(), name)
    const owner = Number(read(join(folder, 'owner')))
    if (owner === 0 || alive(owner)) continue
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
      if (read(`/proc/${pid}/cmdline`).includes(`${folder}/`)) process.kill(Number(pid), 'SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
