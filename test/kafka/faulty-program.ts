import { copyFileSync, cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, ndjson, start } from '../integration/taster.ts'
import { points } from './stream.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const detector = fileURLToPath(new URL('./fixtures/faulty.js', import.meta.url))

export interface FaultyProgram {
  readonly main: string // to be run instead of the built program
  readonly baseline: string // folder of a baseline that it has fitted
}

/** A copy of the built program with one detector more: the faulty one, which does what the ids of records say. */
export async function faultyProgram(): Promise<FaultyProgram> {
  build()
  const folder = mkdtempSync(join(tmpdir(), 'taster-faulty-'))
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  copyFileSync(detector, join(folder, 'dist/detectors/faulty.js'))
  for (const name of ['node_modules', 'assets', 'package.json']) symlinkSync(join(root, name), join(folder, name))
  const [main, baseline, trusted] = [
    join(folder, 'dist/src/cli/main.js'),
    join(folder, 'baseline'),
    join(folder, 'trusted.ndjson'),
  ]
  writeFileSync(trusted, ndjson(points(1200, 1)))
  const columns = ['--id', 'id', '--source', 'source', '--label', 'label', '--vector', 'vector']
  const fit = start(['baseline', 'fit', trusted, ...columns, '--out', baseline], folder, {}, main)
  fit.stdin.end()
  const { code, err } = await fit.ended
  if (code !== 0) throw new Error(`the baseline could not be fitted: ${err}`)
  return { main, baseline }
}
