import type { Column } from '../../core/column.ts'
import type { Content } from '../../core/batch.ts'
import { TasterError } from '../../core/errors.ts'
import { expectContent } from '../content/expect.ts'
import type { CategoryColumn } from './categories.ts'
import type { NumberColumn } from './numbers.ts'

/** What the reference taught about a column, with its values in the content at hand. */
export type Pairing =
  | { readonly kind: 'number'; readonly learnt: NumberColumn; readonly values: Float64Array }
  | { readonly kind: 'category'; readonly learnt: CategoryColumn; readonly values: Column }

export type Learnt = NumberColumn | CategoryColumn

export const isNumber = (learnt: Learnt): learnt is NumberColumn => 'edges' in learnt

/** The columns that the reference had, in its order. Columns it did not have are left alone. */
export function pairColumns(
  content: Content,
  learnt: readonly Learnt[],
): { pairings: readonly Pairing[]; rows: number } {
  const { columns } = expectContent(content, 'row')
  const pairings = learnt.map((one): Pairing => {
    const values = columns.get(one.name)
    if (values === undefined) throw wrong(one.name, 'is missing')
    const numeric = values instanceof Float64Array
    if (isNumber(one)) {
      if (!numeric) throw wrong(one.name, 'holds text where it held numbers')
      return { kind: 'number', learnt: one, values }
    }
    if (numeric) throw wrong(one.name, 'holds numbers where it held text')
    return { kind: 'category', learnt: one, values }
  })
  const sizes = pairings.map(({ kind, values }) => (kind === 'number' ? values.length : values.codes.length))
  const rows = sizes[0] ?? 0
  const uneven = sizes.findIndex((size) => size !== rows)
  if (uneven >= 0) throw wrong(learnt[uneven]?.name ?? '', `has ${sizes[uneven]} rows where others have ${rows}`)
  return { pairings, rows }
}

function wrong(name: string, what: string): TasterError {
  return new TasterError(
    'VALUE_WRONG_SHAPE',
    `column ${JSON.stringify(name)} ${what}. Send the columns that the baseline was fitted on`,
  )
}
