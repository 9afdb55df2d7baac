import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tree = ['src', 'detectors', 'datasets', 'demo', 'test', 'broker', 'bench', 'pipelines', 'assets'].flatMap(
  (folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => posix.join(folder, path)),
  ],
)

/** What the files of a folder may import of ours; the order is the direction of the program. */
const mayImport = {
  'src/core': [],
  'src/stats': ['src/core'],
  'src/tensor': ['src/core', 'src/stats'],
  'src/encoders': ['src/core', 'src/stats', 'src/tensor'],
  detectors: ['src/core', 'src/stats', 'src/tensor'],
  'src/baseline': ['src/core', 'src/stats', 'src/tensor', 'src/encoders', 'detectors'],
  'src/engine': ['src/core', 'src/stats', 'src/tensor', 'src/encoders', 'detectors', 'src/baseline'],
  'src/canary': ['src/core', 'src/stats', 'src/tensor', 'src/encoders', 'detectors', 'src/baseline', 'src/engine'],
  'src/kafka': ['src/core', 'src/stats', 'src/tensor', 'src/encoders', 'detectors', 'src/baseline', 'src/engine'],
  'src/files': ['src/core', 'src/stats', 'src/tensor', 'src/encoders', 'detectors', 'src/baseline', 'src/engine'],
  'src/observe': ['src/core', 'src/engine'],
  'src/cli': [
    'src/core',
    'src/stats',
    'src/tensor',
    'src/encoders',
    'detectors',
    'src/baseline',
    'src/engine',
    'src/canary',
    'src/kafka',
    'src/files',
    'src/observe',
  ],
  datasets: ['src/core', 'src/stats', 'src/files'],
} as const satisfies { readonly [folder: string]: readonly string[] }

const folders = Object.keys(mayImport)
const targets = [...folders, 'test', 'broker', 'bench', 'demo']
const allowed: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(mayImport))
const pure = ['src/core', 'src/stats', 'src/encoders', 'detectors']

describe('the names of the tree', () => {
  it('say what is in them', () => {
    const vague = /^(utils?|helpers?|common|misc)([.-]|$)/i
    expect(tree.filter((path) => path.split('/').some((name) => vague.test(name)))).toEqual([])
    expect(tree).toContain('src/core/errors.ts')
  })
})

describe('the import rules of .oxlintrc.json', () => {
  interface Import {
    readonly file: string
    readonly specifier: string
    readonly forbidden: boolean
  }
  const forms = (specifier: string) => `
import { a } from '${specifier}'
import type { B } from '${specifier}'
export * from '${specifier}'
export const c = a as B
export const load = () => import('${specifier}')
`
  const sandbox = mkdtempSync(join(tmpdir(), 'taster-lint-'))
  const imports: Import[] = []
  const flagged = new Map<string, number>()

  function expectOf(file: string, specifier: string, forbidden: boolean) {
    imports.push({ file: `${file}-${imports.length}.ts`, specifier, forbidden })
  }

  for (const folder of folders) {
    for (const depth of ['case', 'part/case']) {
      const file = `${folder}/${depth}`
      for (const target of targets) {
        if (target === folder) continue
        const specifier = posix.relative(posix.dirname(file), `${target}/target.ts`)
        expectOf(file, specifier, !(allowed.get(folder) ?? []).includes(target))
      }
      expectOf(file, '@tensorflow/tfjs-core', folder !== 'src/tensor')
      expectOf(file, '@tensorflow/tfjs-core/dist/ops/ops.js', folder !== 'src/tensor')
      expectOf(file, 'kafkajs', folder !== 'src/kafka')
      for (const io of [
        'fs',
        'fs/promises',
        'net',
        'http',
        'https',
        'dgram',
        'child_process',
        'worker_threads',
        'os',
      ]) {
        expectOf(file, `node:${io}`, pure.includes(folder) || folder === 'src/tensor')
      }
      for (const path of ['path', 'url', 'module']) expectOf(file, `node:${path}`, pure.includes(folder))
      expectOf(file, 'zod', false)
    }
    if (folder !== 'detectors') expectOf(`${folder}/case`, './sibling.ts', false)
  }
  for (const folder of ['bench', 'demo', 'broker']) {
    expectOf(`${folder}/case`, '../test/target.ts', true)
    expectOf(`${folder}/case`, '../src/cli/target.ts', false)
    expectOf(`${folder}/case`, '../datasets/target.ts', false)
  }
  expectOf('bench/case', '../broker/target.ts', false)
  for (const folder of ['bench', 'demo', 'broker']) expectOf(`${folder}/case`, 'kafkajs', true)
  for (const folder of ['bench', 'demo', 'broker', 'test/unit'])
    expectOf(`${folder}/case`, '@tensorflow/tfjs-core', true)
  expectOf('detectors/case', './other.ts', true)
  expectOf('detectors/case', './case/part.ts', false)
  expectOf('detectors/case/part', './piece.ts', false)
  expectOf('detectors/case/part', '../case.ts', true)
  expectOf('detectors/case/part', '../other.ts', true)
  expectOf('detectors/case/part', '../other/part.ts', true)

  beforeAll(() => {
    copyFileSync(join(root, '.oxlintrc.json'), join(sandbox, '.oxlintrc.json'))
    imports.forEach(({ file, specifier }) => {
      mkdirSync(join(sandbox, dirname(file)), { recursive: true })
      writeFileSync(join(sandbox, file), forms(specifier))
    })
    writeFileSync(join(sandbox, 'src/core/chance.ts'), 'export const a = [Math.random(), Date.now()]\n')
    const require = createRequire(import.meta.url)
    const oxlint = join(dirname(require.resolve('oxlint/package.json')), 'bin/oxlint')
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', '.'], {
      cwd: sandbox,
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
    })
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string; message: string }[] }
    const count = (key: string) => flagged.set(key, (flagged.get(key) ?? 0) + 1)
    for (const { code, filename, message } of diagnostics) {
      if (code.includes('no-restricted-imports')) count(filename)
      if (code.includes('no-restricted-properties')) count(`${filename}: ${message.split("'")[1]}`)
    }
  })

  afterAll(() => rmSync(sandbox, { recursive: true, force: true }))

  it('fire on every forbidden import, each of its four forms', () => {
    const forbidden = imports.filter((one) => one.forbidden)
    expect(forbidden.length).toBeGreaterThan(200)
    expect(forbidden.filter(({ file }) => flagged.get(file) !== 4)).toEqual([])
  })

  it('let every allowed import be', () => {
    const free = imports.filter((one) => !one.forbidden)
    expect(free.length).toBeGreaterThan(100)
    expect(free.filter(({ file }) => flagged.has(file))).toEqual([])
  })

  it('fire on chance and on the clock where everything is pure', () => {
    expect(flagged.get('src/core/chance.ts: Math.random')).toBe(1)
    expect(flagged.get('src/core/chance.ts: Date.now')).toBe(1)
  })
})

describe('the parts of a detector', () => {
  // the one direction that a pattern cannot tell: detectors/a.ts may import ./a/part.ts, but not ./b/part.ts
  it('are imported by that detector alone', () => {
    const foreign = tree
      .filter((path) => /^detectors\/[^/]+\.ts$/.test(path))
      .flatMap((path) => {
        const name = posix.basename(path, '.ts')
        const specifiers = readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'\.\/([^/']+)\//g)
        return [...specifiers].map(([, folder]) => folder).filter((folder) => folder !== name)
      })
    expect(foreign).toEqual([])
  })
})
