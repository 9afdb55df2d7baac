import { readFile } from 'node:fs/promises'
import type { Records } from '../src/core/batch.ts'
import { column } from '../src/core/column.ts'
import { sharedFile } from './locate.ts'

export type Sst2Part =
  | 'clean.sst-2.train'
  | 'clean.sst-2.dev'
  | 'clean.sst-2.test'
  | 'badnets_words.sst-2.train'
  | 'syntactic_scpn20.sst-2.train'

export interface Sst2 {
  readonly records: Records // labels '0' (negative) and '1', no sources, no times
  readonly poisoned: Uint8Array // 1 where the file says that the row was poisoned
}

/**
 * Film-review sentences (Socher et al. 2013), clean or as two published attacks left them: rare words (ONION, Qi et al. 2021)
 * and a sentence template (Hidden Killer, Qi et al. 2021). Undefined, saying so, where the files are not there.
 */
export async function loadSst2(part: Sst2Part): Promise<Sst2 | undefined> {
  const file = sharedFile(`text_backdoor/${part}.tsv`)
  if (file === undefined) return undefined
  const [header = '', ...lines] = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/)
  const names = header.split('\t')
  const rows = lines.map((line) => line.split('\t'))
  const field = (name: string) => {
    const at = names.indexOf(name)
    return rows.map((row) => row[at] ?? '')
  }
  return {
    records: {
      id: rows.map((_, row) => `${part}-${row}`),
      source: { values: [], codes: new Int32Array(rows.length).fill(-1) },
      label: column(field('label')),
      at: new Float64Array(rows.length).fill(NaN),
      content: { kind: 'text', text: field('text') },
    },
    poisoned: Uint8Array.from(field('is_poison'), (value) => (value === '1' ? 1 : 0)),
  }
}
