import { suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import { inverse } from '../../src/stats/inverse.ts'
import { logChiSquareSurvival } from '../../src/stats/log-chi-square-survival.ts'

/** Given labels and labels that content suggests, counted by label. */
export interface Shares {
  readonly given: Float64Array
  readonly says: Float64Array
}

/**
 * What suggested labels say about the labels behind them: black-box shift estimation (Z. Lipton, Y.-X. Wang & A. Smola,
 * Detecting and Correcting for Label Shift with Black Box Predictors, ICML 2018).
 */
export interface Shift {
  /** By (label, suggestion), labels × labels: A⁻¹, where A holds P(content suggests i | label j). */
  readonly worth: Float64Array
  /** By (label j given, label y): variance of worth[y, suggestion] among records of label j. */
  readonly variance: Float64Array
}

/** With more labels than this a confusion matrix is neither learnt well nor inverted quickly. */
const mostLabels = 200

/** By (content suggests i, given j), row-major: how many of the rows. Records without a known label are left out. */
function confusionOf(batch: Encoded, rows: Iterable<number>): Float64Array {
  const labels = batch.labels.length
  const counts = new Float64Array(labels * labels)
  for (const row of rows) {
    const given = batch.label[row] ?? -1
    const says = suggestedLabel(batch, row)
    if (given < 0 || says < 0) continue
    const at = says * labels + given
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

/** Null where the suggestions do not tell the labels apart, or there are too many labels. */
export function shiftOf(trusted: Encoded, rows: Iterable<number>): Shift | null {
  const labels = trusted.labels.length
  if (labels > mostLabels) return null
  const confusion = confusionOf(trusted, rows)
  const rates = new Float64Array(labels * labels)
  for (let j = 0; j < labels; j++) {
    let column = 0.5
    for (let i = 0; i < labels; i++) column += confusion[i * labels + j] ?? 0
    // half a record more where content and label agree, so that a label without records is taken to be recognised
    for (let i = 0; i < labels; i++) {
      rates[i * labels + j] = ((confusion[i * labels + j] ?? 0) + (i === j ? 0.5 : 0)) / column
    }
  }
  const worth = inverse(rates, labels)
  if (worth === null) return null
  const variance = new Float64Array(labels * labels)
  for (let j = 0; j < labels; j++) {
    for (let y = 0; y < labels; y++) {
      let sum = 0
      for (let i = 0; i < labels; i++) {
        sum += (rates[i * labels + j] ?? 0) * ((worth[y * labels + i] ?? 0) - (y === j ? 1 : 0)) ** 2
      }
      variance[j * labels + y] = sum
    }
  }
  return { worth, variance }
}

/** By label: the number of records that their content implies. Sums to the number of suggestions; can be negative. */
export function impliedBy({ worth }: Shift, says: ArrayLike<number>): Float64Array {
  const labels = says.length
  return Float64Array.from({ length: labels }, (_, y) => {
    let sum = 0
    for (let i = 0; i < labels; i++) sum += (worth[y * labels + i] ?? 0) * (says[i] ?? 0)
    return sum
  })
}

/**
 * By label: by how many standard deviations more records were given it than their content implies. A shift of the
 * population that leaves the content of each label as it was does not move it, and neither do bursts of a label.
 */
export function beyondContent(shift: Shift, { given, says }: Shares): Float64Array {
  const labels = given.length
  const implied = impliedBy(shift, says)
  return implied.map((count, y) => {
    let variance = 0
    for (let j = 0; j < labels; j++) variance += (given[j] ?? 0) * (shift.variance[j * labels + y] ?? 0)
    // half a record: where content never erred among the trusted records, one error is no miracle
    return ((given[y] ?? 0) - count) / Math.sqrt(variance + 0.5)
  })
}

/** ln P(Z > z) of a standard normal Z for z > 0, and 0 for what is no excess. */
export function logPOfExcess(z: number): number {
  return z > 0 ? logChiSquareSurvival(z * z, 1) - Math.LN2 : 0
}
