import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { permutation, random } from '../../src/stats/random.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'dist/src/cli/main.js')

/** The program as it is built: `npm test` builds it first. */
export function build(): void {
  if (existsSync(main)) return
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
  })
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export type Running = ChildProcessByStdio<Writable, Readable, Readable> & { readonly ended: Promise<Ended> }

export function start(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  program: string = main, // or another copy of it
): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => {}) // the program may end before it has read everything
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
  return Object.assign(child, { ended })
}

/** Runs the program to its end. */
export function taster(args: readonly string[], cwd: string = root, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = start(args, cwd, env)
  child.stdin.end()
  return child.ended
}

export const folder = (): string => mkdtempSync(join(tmpdir(), 'taster-test-'))

export interface Made {
  readonly id: string
  readonly source: string
  readonly label: string
  readonly text: string
}

const vocabulary = {
  ham: 'meeting agenda patch kernel release thanks compile branch review module thread server config build test'.split(
    ' ',
  ),
  spam: 'winner money offer free click loan credit prize viagra cheap deal cash bonus limited guarantee'.split(' '),
}
const shared = 'the a of to and in that is for on with this you it be at from your we are'.split(' ')

/** Short mails of two kinds that differ in their words. What `source` sends can be changed by `poison`. */
export function mails(count: number, seed: number, poison: (mail: Made) => Made = (mail) => mail): Made[] {
  const uniform = random(seed)
  const pick = (from: readonly string[]) => from[Math.floor(uniform() * from.length)] ?? ''
  return Array.from(permutation(count, uniform), (_, i) => {
    const label = uniform() < 0.5 ? 'ham' : 'spam'
    const words = Array.from({ length: 12 }, () => pick(uniform() < 0.5 ? shared : vocabulary[label]))
    return poison({ id: `m${i}`, source: pick(['ada', 'bo', 'cy', 'di']), label, text: words.join(' ') })
  })
}

export const ndjson = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

export const csv = (rows: readonly Made[]): string =>
  ['id,source,label,text', ...rows.map(({ id, source, label, text }) => [id, source, label, text].join(','))].join('\n')

export const columns = [
  '--id',
  'id',
  '--source',
  'source',
  '--label',
  'label',
  '--text',
  'text',
  '--encoder',
  'text-hash',
]
