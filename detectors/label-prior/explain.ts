import { suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import type { Explanation } from '../../src/core/measurement.ts'
import { impliedBy, type Shares, type Shift } from './content.ts'

const mostSuspects = 20
/** Standard deviations beyond which a difference between labels and content is more than chance. */
const beyondChance = 2

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0)
const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

/** What an explanation is about. */
export interface Case {
  readonly whose: string // before "records", with a space; '': all
  readonly label: number // -1: the one that moved most
  readonly rows: readonly number[] // of the batch
  readonly trusted: Float64Array // given labels of trusted records
  readonly seen: Shares // of recent records
}

/**
 * Which of the two it is, for a label or the one whose share moved most: a label attack, where content does not follow
 * the labels, or a population shift, where it does.
 */
export function explained(
  batch: Encoded,
  shift: Shift | null,
  { whose, label, rows, trusted, seen }: Case,
): Explanation {
  const labels = trusted.length
  const [n, before] = [sumOf(seen.given), sumOf(trusted)]
  const expected = trusted.map((count) => count / before)
  const share = seen.given.map((count) => count / n)
  // by their part of the G statistic, so that a rare label that doubles counts for more than a frequent one that wavers
  const part = (y: number) => ((share[y] ?? 0) - (expected[y] ?? 0)) ** 2 / ((expected[y] ?? 0) + 0.5 / before)
  const worst = label >= 0 ? label : [...share.keys()].reduce((a, b) => (part(b) > part(a) ? b : a), 0)
  const [given, usual] = [share[worst] ?? 0, expected[worst] ?? 0]
  const content = shift === null ? seen.says : impliedBy(shift, seen.says)
  const implied = Math.min(1, Math.max(0, (content[worst] ?? 0) / n))
  const variance = seen.given.reduce(
    (sum, count, j) => sum + count * (shift?.variance[j * labels + worst] ?? 0.25),
    usual * (1 - usual) * (n / Math.max(1, before)) * n,
  )
  const noise = beyondChance * (Math.sqrt(variance) / n)
  const beyond = Math.abs(given - implied) // what content does not account for
  const follows = Math.abs(implied - usual) // what it does
  const kind =
    beyond > noise && beyond >= follows
      ? 'label attack'
      : follows > noise && follows > beyond
        ? 'population shift'
        : 'undecided'
  const rising = given > implied
  const head = `${percent(given)} of the last ${Math.round(n)} records ${whose}are labelled ${JSON.stringify(batch.labels[worst] ?? '')}, where trusted ones have ${percent(usual)}`
  const tail = {
    'label attack': `, but by their content it would be ${percent(implied)}: the labels changed, not what is labelled`,
    'population shift': `, and their content agrees (${percent(implied)}): other records arrive than before, and their labels fit. That is a shift of the population, not of the labelling`,
    undecided: `, and by their content it would be ${percent(implied)}, which does not tell yet whether the labels changed or the records`,
  }[kind]
  const contradicts = (row: number) =>
    rising
      ? batch.label[row] === worst && suggestedLabel(batch, row) !== worst
      : batch.label[row] !== worst && (batch.label[row] ?? -1) >= 0 && suggestedLabel(batch, row) === worst
  const support = (row: number) => batch.probabilities.data[row * labels + worst] ?? 0
  const suspects =
    kind === 'population shift'
      ? [] // nothing speaks against any single record
      : rows
          .filter(contradicts)
          .toSorted((a, b) => (rising ? support(a) - support(b) : support(b) - support(a)) || a - b)
          .slice(0, mostSuspects)
  return {
    summary: `${head}${tail}.`,
    suspects,
    facts: {
      kind,
      label: batch.labels[worst] ?? '',
      share: given,
      trustedShare: usual,
      contentShare: implied,
      noise,
      records: Math.round(n),
      trustedRecords: before,
    },
  }
}
