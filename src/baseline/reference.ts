import { selectRows, type Matrix } from '../core/matrix.ts'
import { permutation, random } from '../stats/random.ts'
import type { Reference } from './baseline.ts'
import { mostFrequent } from './split.ts'

/** Neighbours are looked up among so many reference records at most: each record that is judged meets all of them. */
const mostNeighbours = 20_000

/** The reference split, row by row. */
export interface ReferenceRows {
  readonly label: Int32Array // index in the trusted labels; -1 = none
  readonly group: Int32Array // rows of one group have the same content
  readonly vectors: Matrix
}

export interface Neighbourhood {
  readonly reference: Reference
  /** For each row of the reference split the row of `reference` with the same content; -1 where there is none. */
  readonly self: Int32Array
}

/**
 * The records that neighbours are looked up among: one of each content, so that leaving a record out leaves no copy of
 * it behind, with the most frequent label of that content; where the data has labels, only records that have one.
 */
export function neighbourhoodOf(split: ReferenceRows, labelled: boolean, seed: number): Neighbourhood {
  const byGroup = new Map<number, number[]>()
  split.group.forEach((group, row) => {
    if (labelled && (split.label[row] ?? -1) < 0) return
    const rows = byGroup.get(group)
    if (rows === undefined) byGroup.set(group, [row])
    else rows.push(row)
  })
  const kept = thinned([...byGroup.keys()], seed)
  const label = Int32Array.from(kept, (group) => mostFrequent(byGroup.get(group) ?? [], split.label))
  const chosen = kept.map((group, i) => {
    const rows = byGroup.get(group) ?? []
    return rows.find((row) => split.label[row] === label[i]) ?? 0
  })
  const place = new Map(kept.map((group, i) => [group, i]))
  return {
    reference: {
      vectors: selectRows(split.vectors, chosen),
      label,
      row: Int32Array.from(chosen),
    },
    self: split.group.map((group) => place.get(group) ?? -1),
  }
}

function thinned(groups: readonly number[], seed: number): readonly number[] {
  if (groups.length <= mostNeighbours) return groups
  const order = permutation(groups.length, random(seed)).subarray(0, mostNeighbours).toSorted()
  return Array.from(order, (i) => groups[i] ?? 0)
}
