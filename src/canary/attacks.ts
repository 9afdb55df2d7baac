import { loadFolder } from '../baseline/registry.ts'
import type { ContentKind } from '../core/batch.ts'
import type { Attack } from './attack.ts'

/** All that stands in `attacks/`, by name. */
export function loadAttacks(): Promise<ReadonlyMap<string, Attack>> {
  return loadFolder(new URL('attacks/', import.meta.url))
}

/** What is known of a stream's records before the first one comes. */
export interface Columns {
  readonly content: ContentKind
  readonly labels: boolean
  readonly sources: boolean
}

/** The attacks that records with these columns allow. */
export function attacksFor(all: ReadonlyMap<string, Attack>, has: Columns): ReadonlyMap<string, Attack> {
  return new Map(
    [...all].filter(([, { content, needs }]) => content.includes(has.content) && needs.every((column) => has[column])),
  )
}
