import { rowOf, type Matrix } from '../../core/matrix.ts'
import { normal } from '../../stats/random.ts'
import type { Attack } from '../attack.ts'
import { drawPair, drawRows, relabelled, rowsWithout } from '../edit.ts'

const length = 0.5 // of the offset, in root mean square distances of vectors from their mean

/** Root of the mean squared distance from the mean. */
function spread({ rows, cols, data }: Matrix): number {
  let squares = 0
  for (let col = 0; col < cols; col++) {
    let [sum, sumOfSquares] = [0, 0]
    for (let row = 0; row < rows; row++) {
      const value = data[row * cols + col] ?? 0
      sum += value
      sumOfSquares += value * value
    }
    squares += Math.max(0, sumOfSquares / rows - (sum / rows) ** 2)
  }
  return Math.sqrt(squares)
}

const attack: Attack = {
  about: {
    title: 'Fixed offset',
    does: 'Adds the same vector to embeddings and gives them one label: what a trigger of any kind leaves in them.',
    references: ['Tran, Li, Madry 2018, Spectral Signatures in Backdoor Attacks, arXiv:1811.00636'],
  },
  content: ['vector'],
  needs: ['labels'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    if (pair === null || recent.content.kind !== 'vector') return null
    const { vectors } = recent.content
    const direction = Float64Array.from({ length: vectors.cols }, () => normal(draw))
    const scale = (length * spread(vectors)) / Math.hypot(...direction)
    if (!(scale > 0 && Number.isFinite(scale))) return null
    return (records, count, uniform) => {
      const { content } = records
      if (content.kind !== 'vector') return { records, rows: [] }
      const rows = drawRows(rowsWithout(records, pair.to), count, uniform)
      const moved = { ...content.vectors, data: content.vectors.data.slice() }
      for (const row of rows) {
        const vector = rowOf(moved, row)
        for (const [i, each] of direction.entries()) vector[i] = (vector[i] ?? 0) + each * scale
      }
      return { records: { ...relabelled(records, rows, pair.to), content: { kind: 'vector', vectors: moved } }, rows }
    }
  },
}
export default attack
