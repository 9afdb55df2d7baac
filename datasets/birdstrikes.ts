import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { Records } from '../src/core/batch.ts'
import { column, type Column } from '../src/core/column.ts'
import { packageFile } from './locate.ts'

const LABEL = 'Effect Amount of damage'
const SOURCE = 'Aircraft Airline Operator'
const TIME = 'Flight Date'
const NUMERIC = ['Cost Other', 'Cost Repair', 'Cost Total $', 'Speed IAS in knots']

/**
 * Collisions of aircraft with wildlife, 1990 to 2002 (US Federal Aviation Administration, by way of vega-datasets): 10,000 reports
 * in order of date, 46 operators as sources, label = damage, four numeric and seven categorical columns.
 */
export async function loadBirdstrikes(): Promise<Records> {
  const text = await readFile(packageFile('vega-datasets', 'data/birdstrikes.csv'))
  const [names = [], ...rows]: string[][] = parse(text)
  const field = (name: string) => {
    const at = names.indexOf(name)
    return rows.map((row) => row[at] ?? '')
  }
  const categorical = names.filter((name) => ![LABEL, SOURCE, TIME, ...NUMERIC].includes(name))
  return {
    id: rows.map((_, row) => `birdstrike-${row}`),
    source: column(field(SOURCE)),
    label: column(field(LABEL)),
    at: Float64Array.from(field(TIME), (date) => Date.parse(date)),
    content: {
      kind: 'row',
      columns: new Map<string, Float64Array | Column>([
        ...NUMERIC.map((name): [string, Float64Array] => [
          name,
          Float64Array.from(field(name), (value) => (value === '' ? NaN : Number(value))),
        ]),
        ...categorical.map((name): [string, Column] => [name, column(field(name))]),
      ]),
    },
  }
}
