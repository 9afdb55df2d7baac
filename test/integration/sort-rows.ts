import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import type { CloudEvent, Outcome } from '../../src/core/line.ts'
import type { Decision } from '../../src/core/verdict.ts'
import { decode } from '../../src/engine/decode.ts'
import type { Fields } from '../../src/engine/decode/fields.ts'
import { openSink } from '../../src/files/sink.ts'
import { openFiles, type FileReport, type FilesOptions } from '../../src/files/source.ts'
import { random } from '../../src/stats/random.ts'
import { build } from './taster.ts'

export const fixtures = fileURLToPath(new URL('../unit/files/fixtures/', import.meta.url))
export const others = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url))
export const text: Fields = { id: 'id', labelRequired: false, content: { kind: 'text', columns: ['text'] } }
export const any: Fields = { labelRequired: false, content: { kind: 'row', numeric: [], category: [] } }
const decisions: readonly Decision[] = ['pass', 'quarantine', 'dead-letter']
export const folders = ['clean', 'quarantine', 'dead-letter']

export const folder = mkdtempSync(join(tmpdir(), 'taster-files-'))
beforeAll(() => build())
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0
export const fresh = () => join(folder, `${made++}`)

interface Sorted {
  readonly out: string
  readonly files: readonly FileReport[]
  readonly counts: { readonly [of in Decision]: number }
  readonly codes: readonly string[]
}

/** Sends records where a seeded draw says, in runs; what decode rejects goes to the dead letters. */
export async function sortRows(
  paths: readonly string[],
  options: Partial<FilesOptions> & { readonly fields?: Fields; readonly out?: string; readonly seed?: number } = {},
): Promise<Sorted> {
  const { fields = any, out = fresh(), seed = 1, ...rest } = options
  const draw = random(seed)
  let decision: Decision = 'pass'
  const drawn = (): Decision => {
    if (draw() < 0.3) decision = decisions[Math.floor(draw() * 3)] ?? 'pass'
    return decision
  }
  const sink = await openSink(out)
  const codes: string[] = []
  try {
    const files = await openFiles(paths, { batchRecords: 7, ...rest, sink })
    for await (const delivery of files) {
      const batch = decode(delivery.messages, fields, options.limits)
      const rulings = [
        ...batch.id.map((_, i) => ({
          message: batch.messageOf[i] ?? 0,
          row: batch.rowOf[i] ?? 0,
          decision: drawn(),
          reason: 'drawn',
        })),
        ...batch.rejected.map(({ message, row, code, reason }) => ({
          message,
          row,
          decision: 'dead-letter' as const,
          reason: `${code}: ${reason}`,
        })),
      ].toSorted((a, b) => a.message - b.message || a.row - b.row)
      codes.push(...batch.rejected.map(({ code }) => code))
      const verdict = { id: batch.digest, decision: 'pass' as const, rulings, findings: [], insufficient: [] }
      const outcome: Outcome = {
        batch,
        verdict,
        repeatedIds: 0,
        unscored: false,
        snapshot: null,
        events: [{ id: batch.digest } as CloudEvent],
      }
      await delivery.commit(outcome)
    }
    await files.close()
    await sink.close()
    return { out, files: files.files, counts: sink.counts, codes }
  } catch (error) {
    await sink.abandon()
    throw error
  }
}

export const outputs = (out: string, name: string): Buffer[] =>
  folders.map((of) => join(out, of, name)).flatMap((path) => (existsSync(path) ? [readFileSync(path)] : []))
export const write = (name: string, bytes: string | Uint8Array): string => {
  const path = join(fresh(), name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return path
}
export const linesOf = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
export const reasons = (out: string, of: string, name: string) =>
  linesOf(readFileSync(join(out, of, `${name}.reasons.ndjson`))).map((line) => JSON.parse(line) as { reason: string })

export const ndjson = (rows: number) =>
  Array.from({ length: rows }, (_, i) => JSON.stringify({ id: i, text: `text ${i} ü` })).join('\n')
