import { z } from 'zod'
import type { Records } from '../src/core/batch.ts'
import { changed, drawRows, poisonCount, type Dose, type Poisoned, type Target } from './attack.ts'
import { relabelled } from './edit.ts'

/** Share of the dose that keeps its label: covers carry the trigger too, so that it alone does not tell the label. */
export const coverShare = (share: number) =>
  z.number().min(0).lt(1).default(share).describe('Share of the changed records that keep their true label')

export interface Drawn {
  readonly payload: Int32Array // rows that are given the target's label, ascending
  readonly cover: Int32Array // rows that keep theirs, ascending
}

/** Splits a dose among the two. At least one record is payload. Throws CONFIG_INVALID where either has too few candidates. */
export function drawCovered(
  records: Records,
  { payload, cover }: Drawn,
  dose: Dose,
  share: number,
  uniform: () => number,
): Drawn {
  const count = poisonCount(dose, records.id.length)
  const covers = Math.min(count - 1, Math.round(share * count))
  const relabel = drawRows(payload, count - covers, uniform)
  const taken = new Set(relabel)
  const left = cover.filter((row) => !taken.has(row))
  return { payload: relabel, cover: covers === 0 ? new Int32Array() : drawRows(left, covers, uniform) }
}

/** Both parts count as changed by the attacker; the payload is given the target's label. */
export function covered(
  records: Records,
  { payload, cover }: Drawn,
  target: Target & { readonly to: string },
): Poisoned {
  const rows = Int32Array.from([...payload, ...cover]).toSorted()
  return changed(
    relabelled(records, payload, () => target.to),
    rows,
    target,
  )
}
