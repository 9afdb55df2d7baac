import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadBaseline, verifyBaseline } from '../../src/baseline/store.ts'
import { random } from '../../src/stats/random.ts'
import { baseline, changed, files, rewriteManifest, root, stored } from './stored-baseline.ts'

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
        renameSync(join(folder, 'reference.bin'), join(root, 'linked'))
        symlinkSync(join(root, 'linked'), join(folder, 'reference.bin'))
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
