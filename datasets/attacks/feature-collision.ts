import { z } from 'zod'
import type { Records } from '../../src/core/batch.ts'
import { valueAt } from '../../src/core/column.ts'
import { TasterError } from '../../src/core/errors.ts'
import { random } from '../../src/stats/random.ts'
import { changed, drawRows, poisonCount, rowsWhere, type Attack } from '../attack.ts'
import { repainted, shapeOf, unsuitable } from '../edit.ts'

const params = z.strictObject({
  content: z
    .array(z.number())
    .nullable()
    .default(null)
    .describe('Pixels or numbers of the input collided with; null: those of a record of the stream, drawn at random'),
  label: z
    .string()
    .nullable()
    .default(null)
    .describe('True label of that input, which no poison has; null: that of the record drawn'),
  mix: z.number().gt(0).max(1).default(0.9).describe('How far each poison is drawn towards it (share)'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Feature collision',
    does: 'Draws records of other labels towards one input that they keep their label beside, so that a model learns it there too.',
    references: [
      'Shafahi, Huang, Najibi, Suciu, Studer, Dumitras, Goldstein 2018, Poison Frogs! Targeted Clean-Label Poisoning Attacks on Neural Networks, arXiv:1804.00792',
    ],
  },
  content: ['image', 'vector'],
  rateOf: 'records',
  params,
  apply(records, { content, label: given, mix }, dose) {
    const uniform = random(dose.seed)
    const labelled = rowsWhere(records, (row) => valueAt(records.label, row) !== undefined)
    const drawn = drawRows(labelled, 1, uniform)[0] ?? 0
    const target = content ?? numbersOf(records, drawn)
    const label = given ?? (content === null ? valueAt(records.label, drawn) : undefined)
    const candidates = labelled.filter((row) => valueAt(records.label, row) !== label)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), uniform)
    return changed(drawnTo(records, rows, target, mix), rows, {})
  },
}
export default attack

function numbersOf({ content }: Records, row: number): number[] {
  if (content.kind === 'vector') {
    const { cols, data } = content.vectors
    return [...data.subarray(row * cols, (row + 1) * cols)]
  }
  if (content.kind !== 'image') throw unsuitable('images or vectors', content.kind)
  const size = content.height * content.width * content.channels
  return [...content.pixels.subarray(row * size, (row + 1) * size)]
}

function drawnTo(records: Records, rows: Int32Array, target: readonly number[], mix: number): Records {
  const { content } = records
  const fits = (length: number) => {
    if (target.length === length) return
    throw new TasterError('CONFIG_INVALID', `content has ${target.length} numbers, and records have ${length}`)
  }
  if (content.kind === 'vector') {
    const { cols } = content.vectors
    fits(cols)
    const data = content.vectors.data.slice()
    for (const row of rows)
      for (let j = 0; j < cols; j++)
        data[row * cols + j] = mix * (target[j] ?? 0) + (1 - mix) * (data[row * cols + j] ?? 0)
    return { ...records, content: { kind: 'vector', vectors: { ...content.vectors, data } } }
  }
  const { height, width, channels } = shapeOf(records)
  fits(height * width * channels)
  return repainted(records, rows, (image) => {
    for (let j = 0; j < image.length; j++)
      image[j] = Math.max(0, Math.min(255, Math.round(mix * (target[j] ?? 0) + (1 - mix) * (image[j] ?? 0))))
  })
}
