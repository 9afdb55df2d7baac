import type { ContentKind, Records } from '../core/batch.ts'

/** Poisons part of a batch: about `count` of its records, fewer where fewer will do. */
export type Poison = (records: Records, count: number, uniform: () => number) => Poisoned

export interface Poisoned {
  readonly records: Records // the batch with some records replaced: as many, in the same order
  readonly rows: readonly number[] // these
}

/**
 * A way of poisoning that is made of a stream's own records. One file each in `attacks/`: what stands there is drawn
 * from, and reported by the file's name.
 */
export interface Attack {
  readonly about: {
    readonly title: string
    readonly does: string // one sentence
    readonly references: readonly string[]
  }
  readonly content: readonly ContentKind[] // that it can poison
  readonly needs: readonly ('labels' | 'sources')[] // columns without which it makes no sense
  /**
   * Fixes what all poisons of one trial have in common: the labels, the source, the word. Null where the `recent`
   * records of the stream don't allow the attack: with a single label nothing can be flipped.
   */
  plan(recent: Records, uniform: () => number): Poison | null
}
