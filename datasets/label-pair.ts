import { z } from 'zod'
import type { Records } from '../src/core/batch.ts'
import { valueAt } from '../src/core/column.ts'
import { changed, commonestLabel, rowsWhere, toLabel, type Poisoned, type Target } from './attack.ts'
import { relabelled } from './edit.ts'

/** Parameters of every attack that gives records of one label another one. */
export const labelPair = {
  from: z.string().nullable().default(null).describe('True label of the records poisoned; null: every label but `to`'),
  to: toLabel,
}

export interface LabelPair {
  readonly candidates: Int32Array // the rows with label `from` (null: with any label but `to`), ascending
  readonly target: Target & { readonly to: string }
}

/** Who could be relabelled, and as what. Throws CONFIG_INVALID where `to` is null and no record has a label. */
export function labelPairOf(
  records: Records,
  { from, to: given }: { readonly from: string | null; readonly to: string | null },
): LabelPair {
  const to = given ?? commonestLabel(records)
  const candidates = rowsWhere(records, (row) => {
    const label = valueAt(records.label, row)
    return label !== undefined && label !== to && (from === null || label === from)
  })
  return { candidates, target: { to, ...(from !== null && { from }) } }
}

/** An attack's result in which `rows` were given the target's label where they stand. */
export function mislabelled(records: Records, rows: Int32Array, target: LabelPair['target']): Poisoned {
  return changed(
    relabelled(records, rows, () => target.to),
    rows,
    target,
  )
}
