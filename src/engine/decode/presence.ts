import type { AbsentColumn } from '../../core/batch.ts'
import { nearest } from '../nearest.ts'
import type { Fields } from './fields.ts'
import { absent } from './table.ts'

const parts = ['id', 'source', 'time', 'label'] as const

type Cells = { readonly [part in AbsentColumn['part']]: unknown }

/** Keeps account of the optional columns that no record has had so far. */
export function openPresence(fields: Fields) {
  let waiting = parts.filter((part) => fields[part] !== undefined)
  let names: readonly string[] | undefined // of the first record
  return {
    add(cells: Cells, namesOf: () => readonly string[]): void {
      if (waiting.length === 0) return
      if (waiting.some((part) => cells[part] !== absent)) waiting = waiting.filter((part) => cells[part] === absent)
      if (waiting.length > 0) names ??= namesOf()
    },
    /** Nothing where each has been seen, or where there was no record to see it in. */
    absent(): { readonly absent?: readonly AbsentColumn[] } {
      const present = names
      if (present === undefined || waiting.length === 0) return {}
      return {
        absent: waiting.map((part) => {
          const name = fields[part] ?? ''
          return { part, name, nearest: nearest(name, present) ?? null }
        }),
      }
    },
  }
}
