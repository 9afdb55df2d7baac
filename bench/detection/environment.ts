import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../datasets/locate.ts'

/** Which peers can be imported together: alibi-detect needs packages that are years older. */
export type Environment = 'main' | 'alibi'

const requirements: { readonly [of in Environment]: string } = {
  main: 'requirements.txt',
  alibi: 'requirements-alibi.txt',
}

export const peersFolder = (): string => join(projectFolder(), 'bench', 'detection', 'peers')

/** The Python of a virtual environment with the peers, made when it is first asked for and kept outside the tree. */
export async function pythonOf(environment: Environment, note: (line: string) => void): Promise<string> {
  const file = join(peersFolder(), requirements[environment])
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 12)
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'taster')
  const folder = join(cache, `peers-${environment}-${digest}`)
  const ready = join(folder, 'ready')
  if (!existsSync(ready)) {
    note(`installing the peers of ${requirements[environment]}: minutes, and gigabytes in ${folder}`)
    await rm(folder, { recursive: true, force: true })
    await mkdir(cache, { recursive: true })
    await run('python3', ['-m', 'venv', folder])
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', file])
    await mkdir(`${ready}.new`)
    await rename(`${ready}.new`, ready)
  }
  return join(folder, 'bin', 'python')
}

/** What a program writes to stdout. Rejects, with the end of what it wrote to stderr, where it fails. */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err = (err + text).slice(-4000)))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(out)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${err}`))
    })
  })
}
