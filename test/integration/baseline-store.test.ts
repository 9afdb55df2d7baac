import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { digestOf } from '../../src/baseline/digest.ts'
import { openEncoding } from '../../src/baseline/encode.ts'
import { fitBaseline } from '../../src/baseline/fit.ts'
import { loadBaseline, saveBaseline, verifyBaseline } from '../../src/baseline/store.ts'
import { random } from '../../src/stats/random.ts'
import { gaussianRecords } from '../unit/baseline/gaussian-records.ts'

const root = mkdtempSync(join(tmpdir(), 'taster-baseline-'))
const stored = join(root, 'stored')
let baseline: Baseline

const fit = (seed: number) =>
  fitBaseline({
    records: gaussianRecords(600),
    encoder: { name: 'vector', params: {} },
    seed,
    engineVersion: '0.0.0-test',
  })

beforeAll(async () => {
  baseline = await fit(1)
  await saveBaseline(baseline, stored)
})
afterAll(() => rmSync(root, { recursive: true }))

let copies = 0
/** A copy of the stored baseline, changed. */
function changed(change: (folder: string) => void): string {
  const folder = join(root, `copy-${copies++}`)
  cpSync(stored, folder, { recursive: true })
  change(folder)
  return folder
}

const files = () =>
  readdirSync(stored, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(stored.length + 1))
    .toSorted()

/** Writes a manifest with its digest beside it, as somebody would who means harm. */
function rewriteManifest(folder: string, change: (manifest: { [key: string]: unknown }) => unknown): void {
  const manifest: unknown = change(
    JSON.parse(readFileSync(join(folder, 'baseline.json'), 'utf8')) as { [key: string]: unknown },
  )
  const text = typeof manifest === 'string' ? manifest : `${JSON.stringify(manifest, null, 2)}\n`
  writeFileSync(join(folder, 'baseline.json'), text)
  writeFileSync(join(folder, 'baseline.json.sha256'), `${digestOf(text).slice(7)}  baseline.json\n`)
}

describe('a stored baseline', () => {
  it('comes back the same: digest, manifest, numbers', async () => {
    const loaded = await loadBaseline(stored, { expectDigest: baseline.digest })
    expect(loaded.digest).toBe(baseline.digest)
    expect(loaded.manifest).toEqual(baseline.manifest)
    expect(loaded.encoding.reference).toEqual(baseline.encoding.reference)
    expect(loaded.detectors.length).toBeGreaterThan(1)
    loaded.detectors.forEach(({ name, calibration, detector, fitted }, i) => {
      const before = baseline.detectors[i]
      expect(name).toBe(before?.name)
      expect(calibration).toEqual(before?.calibration)
      expect(detector.codec.encode(fitted)).toEqual(detector.codec.encode(before?.fitted))
    })
    const fresh = gaussianRecords(50, { seed: 9 })
    const [a, b] = await Promise.all([openEncoding(loaded.encoding), openEncoding(baseline.encoding)])
    const [left, right] = [await a.encode(fresh), await b.encode(fresh)]
    expect(left.probabilities).toEqual(right.probabilities)
    expect(left.nearest).toEqual(right.nearest)
    a.close()
    b.close()
    expect(await verifyBaseline(stored)).toEqual({ digest: baseline.digest, problems: [] })
  })

  it('is written once: again is nothing, another needs leave, other files are left alone', async () => {
    const folder = join(root, 'once')
    await saveBaseline(baseline, folder)
    await saveBaseline(baseline, folder)
    const other = await fit(2)
    await expect(saveBaseline(other, folder)).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect((await loadBaseline(folder)).digest).toBe(baseline.digest)
    await saveBaseline(other, folder, { replace: true })
    expect((await loadBaseline(folder)).digest).toBe(other.digest)
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    await expect(saveBaseline(baseline, folder, { replace: true })).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    const foreign = join(root, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'thesis.tex'), 'three years')
    await expect(saveBaseline(other, foreign, { replace: true })).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect(readdirSync(foreign)).toEqual(['thesis.tex'])
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('says so where it cannot be written', async () => {
    writeFileSync(join(root, 'file'), '')
    await expect(saveBaseline(baseline, join(root, 'file'))).rejects.toMatchObject({ code: 'OUTPUT_FAILED' })
    await expect(saveBaseline(baseline, join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'OUTPUT_FAILED' })
  })
})

describe('a damaged baseline', () => {
  it('is refused for one flipped byte anywhere, and the file is named', async () => {
    const uniform = random(3)
    for (const file of files()) {
      const { length } = readFileSync(join(stored, file))
      const places = [0, length - 1, ...Array.from({ length: 6 }, () => Math.floor(uniform() * length))]
      for (const place of places) {
        const folder = changed((copy) => {
          const bytes = readFileSync(join(copy, file))
          bytes[place] = (bytes[place] ?? 0) ^ (1 << Math.floor(uniform() * 8))
          writeFileSync(join(copy, file), bytes)
        })
        const error: unknown = await loadBaseline(folder).catch((reason: unknown) => reason)
        expect(error, `${file} at ${place}`).toMatchObject({ code: 'BASELINE_CORRUPT' })
        expect(String(error)).toContain(file.startsWith('baseline.json') ? 'baseline.json' : file)
        rmSync(folder, { recursive: true })
      }
    }
  })

  it.each<[string, string, (folder: string) => void]>([
    ['a missing part', 'reference.bin', (folder) => rmSync(join(folder, 'reference.bin'))],
    ['a missing manifest', 'baseline.json', (folder) => rmSync(join(folder, 'baseline.json'))],
    ['a missing digest', 'baseline.json.sha256', (folder) => rmSync(join(folder, 'baseline.json.sha256'))],
    ['a longer part', 'encoder.bin', (folder) => appendFileSync(join(folder, 'encoder.bin'), 'x')],
    ['a shorter part', 'encoder.bin', (folder) => truncateSync(join(folder, 'encoder.bin'), 8)],
    ['a file too many', 'notes.txt', (folder) => writeFileSync(join(folder, 'notes.txt'), '')],
    [
      'a file too many among the parts',
      'detectors/x.bin',
      (folder) => writeFileSync(join(folder, 'detectors', 'x.bin'), ''),
    ],
    ['a folder too many', 'more', (folder) => mkdirSync(join(folder, 'more'))],
    [
      'a link in place of a part, even to the same bytes',
      'reference.bin',
      (folder) => {
        renameSync(join(folder, 'reference.bin'), join(root, `linked-${copies}`))
        symlinkSync(join(root, `linked-${copies}`), join(folder, 'reference.bin'))
      },
    ],
    [
      'a folder in place of a part',
      'encoder.bin',
      (folder) => {
        rmSync(join(folder, 'encoder.bin'))
        mkdirSync(join(folder, 'encoder.bin'))
      },
    ],
    ['a manifest that is no JSON', 'baseline.json', (folder) => rewriteManifest(folder, () => '{')],
    [
      'a manifest nested 100,000 deep',
      'baseline.json',
      (folder) => rewriteManifest(folder, () => '['.repeat(1e5) + ']'.repeat(1e5)),
    ],
    [
      'parameters nested 100,000 deep',
      'baseline.json',
      (folder) =>
        rewriteManifest(folder, (manifest) =>
          JSON.stringify(manifest, null, 2).replace(
            /"params": \{[^}]*\}/,
            `"params": ${'['.repeat(1e5)}${']'.repeat(1e5)}`,
          ),
        ),
    ],
    [
      'another key in the manifest',
      'baseline.json',
      (folder) => rewriteManifest(folder, (manifest) => ({ ...manifest, extra: 1 })),
    ],
    [
      'a key __proto__ in the manifest',
      'baseline.json',
      (folder) =>
        rewriteManifest(folder, (manifest) =>
          JSON.stringify(manifest, null, 2).replace('{', '{ "__proto__": { "polluted": 1 },'),
        ),
    ],
    [
      'a repeated key in the manifest',
      'baseline.json',
      (folder) => rewriteManifest(folder, (manifest) => JSON.stringify(manifest, null, 2).replace('{', '{ "seed": 1,')),
    ],
    [
      'a part outside of the folder',
      'baseline.json',
      (folder) =>
        rewriteManifest(folder, (manifest) => ({
          ...manifest,
          parts: [{ path: '../../etc/passwd', bytes: 1, digest: `sha256:${'0'.repeat(64)}` }],
        })),
    ],
    [
      'a detector whose name is a path',
      'baseline.json',
      (folder) =>
        rewriteManifest(folder, (manifest) => ({
          ...manifest,
          detectors: [{ name: '../x', params: {}, calibration: [], realised: [] }],
        })),
    ],
    [
      'a part of a size that nothing has',
      'encoder.bin',
      (folder) =>
        rewriteManifest(folder, (manifest) => ({
          ...manifest,
          parts: (manifest['parts'] as { path: string }[]).map((part) =>
            part.path === 'encoder.bin' ? { ...part, bytes: Number.MAX_SAFE_INTEGER } : part,
          ),
        })),
    ],
    [
      'fewer labels than the parts were made for',
      'reference.bin',
      (folder) => rewriteManifest(folder, (manifest) => ({ ...manifest, labels: ['a'] })),
    ],
  ])('is refused for %s', async (_, named, change) => {
    const folder = changed(change)
    const error: unknown = await loadBaseline(folder).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'BASELINE_CORRUPT' })
    expect(String(error)).toContain(named)
    const { problems } = await verifyBaseline(folder)
    expect(problems.length).toBeGreaterThan(0)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('is told about all at once by verify', async () => {
    const folder = changed((copy) => {
      rmSync(join(copy, 'encoder.bin'))
      appendFileSync(join(copy, 'reference.bin'), 'x')
      writeFileSync(join(copy, 'notes.txt'), '')
    })
    const { digest, problems } = await verifyBaseline(folder)
    expect(digest).toBe(baseline.digest)
    expect(problems.map(({ where }) => where.slice(folder.length + 1))).toEqual([
      'encoder.bin',
      'reference.bin',
      'notes.txt',
    ])
  })
})

describe('a baseline that is another one', () => {
  it.each<[string, (manifest: { [key: string]: unknown }) => unknown]>([
    ['of another format', (manifest) => ({ ...manifest, format: 'taster-baseline/2' })],
    [
      'made by an encoder that is not here',
      (manifest) => ({ ...manifest, encoder: { ...(manifest['encoder'] as object), name: 'gone' } }),
    ],
    ['for other content than its encoder reads', (manifest) => ({ ...manifest, content: 'text' })],
    [
      'made with files that its encoder does not have',
      (manifest) => ({
        ...manifest,
        encoder: { ...(manifest['encoder'] as object), assets: `sha256:${'0'.repeat(64)}` },
      }),
    ],
  ])('is refused: %s', async (_, change) => {
    const folder = changed((copy) => rewriteManifest(copy, change))
    await expect(loadBaseline(folder)).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect((await verifyBaseline(folder)).problems).toHaveLength(1)
  })

  it('is refused where another digest is pinned', async () => {
    const expectDigest = `sha256:${'0'.repeat(64)}`
    await expect(loadBaseline(stored, { expectDigest })).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect((await verifyBaseline(stored, { expectDigest })).problems).toHaveLength(1)
  })

  it('is not there at all', async () => {
    await expect(loadBaseline(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
    await expect(verifyBaseline(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
  })
})
