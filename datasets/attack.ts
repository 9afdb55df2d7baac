import { z } from 'zod'
import { sizeOf, type ContentKind, type Records } from '../src/core/batch.ts'
import { TasterError } from '../src/core/errors.ts'
import { permutation } from '../src/stats/random.ts'

/** How much poison: a share or a number of records, and the seed that every choice is drawn from. */
export type Dose = { readonly seed: number } & ({ readonly rate: number } | { readonly count: number })

/** What a detector ought to name when it finds the attack. */
export interface Target {
  readonly features?: readonly string[] // words, or a description of the patch
  readonly source?: string
  readonly from?: string // true label
  readonly to?: string // label that was given
}

export interface Poisoned {
  readonly records: Records // in order of arrival
  readonly poisoned: Uint8Array // per row of records: 1 where the attacker changed or inserted it
  readonly origin: Int32Array // per row of records: the row of the input that it is, or was made from
  readonly target: Target
}

/** An attack is a value, the default export of a file of its own in attacks/; the file's name is its name. Pure and seeded. */
export interface Attack<Params = unknown> {
  readonly about: {
    readonly title: string
    readonly does: string // one sentence
    readonly references: readonly string[]
  }
  readonly content: readonly ContentKind[]
  /** What a rate is a share of: all records, or those that the attacker could change (of one source and label, say). */
  readonly rateOf: 'records' | 'candidates'
  readonly params: z.ZodType<Params> // every field with default and description
  /** Throws CONFIG_INVALID where it cannot poison as many records as asked for: never fewer, and never none, without a word. */
  apply(records: Records, params: Params, dose: Dose): Poisoned
}

/** Applies an attack with its defaults where `params` names nothing else. */
export function poison(attack: Attack, records: Records, dose: Dose, params: unknown = {}): Poisoned {
  return attack.apply(records, attack.params.parse(params), dose)
}

/** The number of poisons that a dose asks for, out of `of` records. */
export function poisonCount(dose: Dose, of: number): number {
  const count = 'count' in dose ? dose.count : Math.round(dose.rate * of)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new TasterError(
      'CONFIG_INVALID',
      'rate' in dose
        ? `a rate of ${dose.rate} of ${of} records is no record: raise the rate or give a count of at least 1`
        : `a count of ${count} poisons nothing: give a whole number of at least 1`,
    )
  return count
}

/** `count` of the candidate rows, ascending. Throws CONFIG_INVALID where there are fewer. */
export function drawRows(candidates: ArrayLike<number>, count: number, uniform: () => number): Int32Array {
  if (candidates.length < count)
    throw new TasterError(
      'CONFIG_INVALID',
      `only ${candidates.length} records can be poisoned in this way, ${count} were asked for: lower the dose or choose other labels`,
    )
  return permutation(candidates.length, uniform)
    .subarray(0, count)
    .map((i) => candidates[i] ?? 0)
    .toSorted()
}

/** The rows for which `wanted` holds, ascending. */
export function rowsWhere(records: Records, wanted: (row: number) => boolean): Int32Array {
  return Int32Array.from(Array.from(records.id.keys()).filter((row) => wanted(row)))
}

/** The most frequent label; the first to appear among equals. Throws CONFIG_INVALID where no record has one. */
export function commonestLabel(records: Records): string {
  const counts = new Int32Array(records.label.values.length)
  for (const code of records.label.codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1
  const label = records.label.values[counts.indexOf(Math.max(...counts))]
  if (label === undefined || sizeOf(records) === 0)
    throw new TasterError('CONFIG_INVALID', 'no record has a label: this attack needs labelled records')
  return label
}

/** An attack's result in which rows were changed where they stand. */
export function changed(records: Records, rows: Int32Array, target: Target): Poisoned {
  const poisoned = new Uint8Array(sizeOf(records))
  for (const row of rows) poisoned[row] = 1
  return { records, poisoned, origin: Int32Array.from(records.id.keys()), target }
}

export const toLabel = z
  .string()
  .nullable()
  .default(null)
  .describe('Label given to them; null: the most frequent label')
