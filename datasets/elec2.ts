import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Records } from '../src/core/batch.ts'
import { column } from '../src/core/column.ts'
import { sharedFile } from './locate.ts'

const FIRST = Date.UTC(1996, 4, 7)
const HALF_HOUR = 30 * 60 * 1000

/**
 * Electricity market of New South Wales (Harries 1999): 45,312 half hours in order, seven numeric columns, label = whether the
 * price rose ('1') against its mean of 24 hours. Labels are strongly autocorrelated. Undefined, saying so, where it is not there.
 */
export async function loadElec2(): Promise<Records | undefined> {
  const file = sharedFile('drift/elec2.csv.gz')
  if (file === undefined) return undefined
  const [header = '', ...lines] = (await promisify(gunzip)(await readFile(file)))
    .toString('utf8')
    .trimEnd()
    .split(/\r?\n/)
  const names = header.split(',')
  const rows = lines.map((line) => line.split(','))
  const numeric = names.filter((name) => name !== 'label' && name !== 'date')
  return {
    id: rows.map((_, row) => `elec2-${row}`),
    source: { values: [], codes: new Int32Array(rows.length).fill(-1) },
    label: column(rows.map((row) => row[names.indexOf('label')])),
    at: Float64Array.from(rows, (_, row) => FIRST + row * HALF_HOUR),
    content: {
      kind: 'row',
      columns: new Map(
        numeric.map((name) => {
          const at = names.indexOf(name)
          return [name, Float64Array.from(rows, (row) => Number(row[at]))]
        }),
      ),
    },
  }
}
