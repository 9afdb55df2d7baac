import { valueAt } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import type { Explanation, Subject } from '../../src/core/measurement.ts'
import { gridOf, residualOf, type Images } from './spectra.ts'

const mostSuspects = 20
const shown = 3 // deviations above clean images from which an image counts as standing out
const fewestShown = 3

/** The images with the largest scores, and the place where they have most in common that the others lack. */
export function explained(subject: Subject, batch: Encoded, scores: Float64Array, side: number): Explanation {
  const { content, source, label } = batch.records
  const concerned = Array.from(scores.keys()).filter((row) => {
    if (Number.isNaN(scores[row] ?? NaN)) return false
    if (subject.kind === 'source') return valueAt(source, row) === subject.name
    return subject.kind !== 'label' || valueAt(label, row) === subject.name
  })
  const ordered = concerned.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  const outstanding = ordered.filter((row) => (scores[row] ?? 0) > shown)
  const suspects = ordered.slice(0, mostSuspects)
  if (content.kind !== 'image' || suspects.length === 0) {
    return { summary: 'Images stood out in earlier batches; this one has none to test.', suspects: [], facts: {} }
  }
  const facts = {
    images: concerned.length,
    outstanding: outstanding.length,
    suspectScores: suspects.map((row) => scores[row] ?? 0),
  }
  const who = subject.kind === 'source' ? ` of source ${JSON.stringify(subject.name)}` : ''
  const many = `${outstanding.length} of ${concerned.length} image${concerned.length === 1 ? '' : 's'}${who}`
  const found = `Fine structure that trusted images of the same label do not have, in this batch or those before: ${many} stand out by more than ${shown} standard deviations`
  if (outstanding.length < fewestShown) return { summary: `${found}.`, suspects, facts }
  const rest = ordered.filter((row) => (scores[row] ?? 0) <= shown)
  const { row, col, gridRows, gridCols } = placeOf(content, outstanding, rest, side)
  return {
    summary: `${found}, most of it near row ${row}, column ${col} of ${gridRows} × ${gridCols}.`,
    suspects,
    facts: { ...facts, row, column: col },
  }
}

/** Where the mean residual of some images exceeds that of others by most. */
function placeOf(images: Images, some: readonly number[], others: readonly number[], side: number) {
  const grid = gridOf(images, side)
  const mean = (rows: readonly number[]) => {
    const sum = new Float64Array(grid.rows * grid.cols)
    const residual = new Float64Array(sum.length)
    for (const row of rows) {
      for (let channel = 0; channel < images.channels; channel++) {
        residualOf(images, row, channel, grid, residual)
        residual.forEach((value, j) => (sum[j] = (sum[j] ?? 0) + Math.abs(value) / rows.length))
      }
    }
    return sum
  }
  const usual = mean(others.slice(0, 500))
  const excess = mean(some.slice(0, 100)).map((value, j) => value - (usual[j] ?? 0))
  const most = excess.indexOf(excess.reduce((a, b) => Math.max(a, b), -Infinity))
  return { row: Math.floor(most / grid.cols), col: most % grid.cols, gridRows: grid.rows, gridCols: grid.cols }
}
