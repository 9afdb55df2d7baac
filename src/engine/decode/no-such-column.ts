import { nearest } from '../nearest.ts'
import { cut } from './scalar.ts'
import { Fault } from './table.ts'

const shownNames = 30

/** What to tell someone who named a column that is not there: which there are, and which was probably meant. */
export function noSuchColumn(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  const meant = near === undefined ? '' : ` Did you mean '${cut(near, 100)}'?`
  const shown = names.slice(0, shownNames).map((other) => `'${cut(other)}'`)
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
  return `There is no column '${name}'; the columns are ${shown.join(', ')}${more}.${meant}`
}

/** Faults for columns that rows lack. Rows that share their columns, as those of a CSV file do, share the fault. */
export function missingColumns(): (name: string, names: readonly string[]) => Fault {
  let of: readonly string[] | undefined
  const known = new Map<string, Fault>()
  return (name, names) => {
    if (names !== of) known.clear()
    of = names
    const fault = known.get(name) ?? new Fault('FIELD_MISSING', noSuchColumn(name, names))
    known.set(name, fault)
    return fault
  }
}
