import { z } from 'zod'
import type { Content } from '../../src/core/batch.ts'
import type { Column } from '../../src/core/column.ts'
import { TasterError } from '../../src/core/errors.ts'
import { random } from '../../src/stats/random.ts'
import { changed, poisonCount, type Attack } from '../attack.ts'
import { unsuitable } from '../edit.ts'

const params = z.strictObject({
  step: z
    .number()
    .gt(0)
    .default(0.002)
    .describe('Growth of the shift from batch to batch, standard deviations of each coordinate'),
  batch: z.int().min(1).default(500).describe('Records a batch'),
})

/** Mean and standard deviation of the finite values at `first`, `first + stride`, … */
function spread(values: Float64Array | Float32Array, first: number, stride: number): number {
  let count = 0
  let mean = 0
  let squares = 0
  for (let i = first; i < values.length; i += stride) {
    const value = values[i] ?? NaN
    if (!Number.isFinite(value)) continue
    const difference = value - mean
    mean += difference / ++count
    squares += difference * (value - mean)
  }
  return count === 0 ? 0 : Math.sqrt(squares / count)
}

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Boiling frog',
    does: 'Moves every numeric coordinate of the last records a little further from batch to batch.',
    references: [
      'Rubinstein et al. 2009, ANTIDOTE: Understanding and Defending against Poisoning of Anomaly Detectors, IMC',
    ],
  },
  content: ['vector', 'row'],
  rateOf: 'records',
  params,
  apply(records, { step, batch }, dose) {
    const uniform = random(dose.seed)
    const size = records.id.length
    const count = poisonCount(dose, size)
    if (count > size)
      throw new TasterError('CONFIG_INVALID', `${count} poisons were asked for, there are ${size} records`)
    const rows = Int32Array.from({ length: count }, (_, i) => size - count + i)
    const sign = () => (uniform() < 0.5 ? -1 : 1)
    let moves = false
    const move = (values: Float64Array | Float32Array, first: number, stride: number): void => {
      const unit = sign() * spread(values, first, stride) * step
      moves ||= unit !== 0
      rows.forEach((row, i) => {
        values[first + row * stride] = (values[first + row * stride] ?? NaN) + unit * (1 + Math.floor(i / batch))
      })
    }
    const content = ramped(records.content, move)
    if (!moves) throw new TasterError('CONFIG_INVALID', 'nothing to move: no numeric coordinate of the records varies')
    return changed({ ...records, content }, rows, {})
  },
}
export default attack

function ramped(
  content: Content,
  move: (values: Float64Array | Float32Array, first: number, stride: number) => void,
): Content {
  if (content.kind === 'vector') {
    const data = content.vectors.data.slice()
    for (let i = 0; i < content.vectors.cols; i++) move(data, i, content.vectors.cols)
    return { kind: 'vector', vectors: { ...content.vectors, data } }
  }
  if (content.kind !== 'row') throw unsuitable('vectors or numeric columns', content.kind)
  const columns = new Map<string, Float64Array | Column>(
    [...content.columns].map(([name, values]): [string, Float64Array | Column] => {
      if (!(values instanceof Float64Array)) return [name, values]
      const copy = values.slice()
      move(copy, 0, 1)
      return [name, copy]
    }),
  )
  return { kind: 'row', columns }
}
