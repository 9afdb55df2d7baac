import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { digestOf } from '../../src/baseline/digest.ts'
import { fitBaseline } from '../../src/baseline/fit.ts'
import { saveBaseline } from '../../src/baseline/store.ts'
import { gaussianRecords } from '../unit/baseline/gaussian-records.ts'

export const root = mkdtempSync(join(tmpdir(), 'taster-baseline-'))
export const stored = join(root, 'stored')
export const fit = (seed: number) =>
  fitBaseline({
    records: gaussianRecords(600),
    encoder: { name: 'vector', params: {} },
    seed,
    engineVersion: '0.0.0-test',
  })

export const baseline: Baseline = await fit(1)
await saveBaseline(baseline, stored)
afterAll(() => rmSync(root, { recursive: true }))

let copies = 0
/** A copy of the stored baseline, changed. */
export function changed(change: (folder: string) => void): string {
  const folder = join(root, `copy-${copies++}`)
  cpSync(stored, folder, { recursive: true })
  change(folder)
  return folder
}

export const files = () =>
  readdirSync(stored, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(stored.length + 1))
    .toSorted()

/** Writes a manifest with its digest beside it, as somebody would who means harm. */
export function rewriteManifest(folder: string, change: (manifest: { [key: string]: unknown }) => unknown): void {
  const manifest: unknown = change(
    JSON.parse(readFileSync(join(folder, 'baseline.json'), 'utf8')) as { [key: string]: unknown },
  )
  const text = typeof manifest === 'string' ? manifest : `${JSON.stringify(manifest, null, 2)}\n`
  writeFileSync(join(folder, 'baseline.json'), text)
  writeFileSync(join(folder, 'baseline.json.sha256'), `${digestOf(text).slice(7)}  baseline.json\n`)
}
