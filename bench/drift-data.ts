import { select, type Records } from '../src/core/batch.ts'
import { valueAt } from '../src/core/column.ts'
import { permutation, random } from '../src/stats/random.ts'
import { loadBirdstrikes } from '../datasets/birdstrikes.ts'
import { loadElec2 } from '../datasets/elec2.ts'
import { loadMail } from '../datasets/mail.ts'
import { loadSst2 } from '../datasets/sst2.ts'
import { joined } from './parts.ts'

/** Records of one kind, and others that do not belong there. No times and sources: they are drawn in random order. */
export interface DriftData {
  readonly name: string
  readonly encoder: string
  readonly records: Records
  readonly clean: Int32Array
  readonly foreign: Int32Array
  readonly size: number // records a batch
}

/** Rows of elec2 before the market changed: three of its columns are constant there. */
const MARKET_CHANGE = 17_760
const WORDS = 20

const rowsWhere = (records: Records, wanted: (row: number) => boolean) =>
  Int32Array.from(Array.from(records.id.keys()).filter((row) => wanted(row)))
const nowhere = (records: Records): Records => ({
  ...records,
  at: records.at.map(() => NaN),
  source: { values: [], codes: new Int32Array(records.id.length).fill(-1) },
})

/** Data sets that are not there are left out, and have said so. */
export async function driftData(): Promise<DriftData[]> {
  const sets: DriftData[] = []
  const [train, test] = [await loadSst2('clean.sst-2.train'), await loadSst2('clean.sst-2.test')]
  if (train !== undefined && test !== undefined) {
    const reviews = joined(train.records, test.records)
    const mails = hamBeginnings((await loadMail()).records)
    const records = joined(reviews, mails)
    const count = reviews.id.length
    sets.push({
      name: 'sst2 and mail',
      encoder: 'text-glove',
      records,
      clean: rowsWhere(records, (row) => row < count),
      foreign: rowsWhere(records, (row) => row >= count),
      size: 256,
    })
  }
  const elec2 = await loadElec2()
  if (elec2 !== undefined) {
    sets.push({
      name: 'elec2 after and before',
      encoder: 'row-columns',
      records: nowhere(elec2),
      clean: rowsWhere(elec2, (row) => row >= MARKET_CHANGE),
      foreign: rowsWhere(elec2, (row) => row < MARKET_CHANGE),
      size: 200,
    })
  }
  const reports = await loadBirdstrikes()
  const birdstrikes = nowhere(reports)
  const military = (row: number) => valueAt(reports.source, row) === 'MILITARY'
  sets.push({
    name: 'birdstrikes, airlines and military',
    encoder: 'row-columns',
    records: birdstrikes,
    clean: rowsWhere(birdstrikes, (row) => !military(row)),
    foreign: rowsWhere(birdstrikes, military),
    size: 200,
  })
  return sets
}

/** The first words of ham bodies: as long as a sentence of a review, and without a subject. */
function hamBeginnings(records: Records): Records {
  if (records.content.kind !== 'text') throw new Error('mails have text')
  const texts = records.content.text.map((text) =>
    text
      .slice(text.indexOf('\n') + 1)
      .split(/\s+/)
      .filter((word) => word !== '')
      .slice(0, WORDS)
      .join(' '),
  )
  const none = { values: [], codes: new Int32Array(records.id.length).fill(-1) }
  const short: Records = { ...nowhere(records), label: none, content: { kind: 'text', text: texts } }
  const rows = rowsWhere(records, (row) => valueAt(records.label, row) === 'ham' && texts[row] !== '')
  return select(short, rows)
}

/** Trusted records drawn at random from the clean ones, and the rest of these. */
export function drawnParts({ records, clean }: DriftData, trusted: number, seed: number) {
  const order = permutation(clean.length, random(seed)).map((i) => clean[i] ?? 0)
  return { trusted: select(records, order.subarray(0, trusted)), pool: order.subarray(trusted) }
}

/** `share` of a batch foreign, the rest clean; drawn without repetition. */
export function mixedBatch(pool: Int32Array, foreign: Int32Array, size: number, share: number, uniform: () => number) {
  const count = Math.round(share * size)
  const some = (of: Int32Array, wanted: number) =>
    permutation(of.length, uniform)
      .subarray(0, wanted)
      .map((i) => of[i] ?? 0)
  return Int32Array.from([...some(pool, size - count), ...some(foreign, count)])
}
