import { select, sizeOf, type Content, type Records } from '../core/batch.ts'
import { selectColumn } from '../core/column.ts'
import { rowOf } from '../core/matrix.ts'
import { normal } from '../stats/random.ts'
import { pick, relabelled, withValue, type Uniform } from './edit.ts'

const noise = { pixel: 2, share: 0.01 } // shades; of a vector's length, of a number

/** The content with rows replaced by variants of the first row of `model`, which differ in little. */
function withVariants(content: Content, rows: readonly number[], model: Content, uniform: Uniform): Content {
  if (content.kind === 'text' && model.kind === 'text') {
    const text = [...content.text]
    for (const row of rows) text[row] = withoutOneWord(model.text[0] ?? '', uniform)
    return { kind: 'text', text }
  }
  if (content.kind === 'image' && model.kind === 'image') {
    const pixels = content.pixels.slice()
    const size = model.pixels.length
    for (const row of rows)
      for (let i = 0; i < size; i++) {
        const shade = (model.pixels[i] ?? 0) + Math.round((2 * uniform() - 1) * noise.pixel)
        pixels[row * size + i] = Math.min(255, Math.max(0, shade))
      }
    return { ...content, pixels }
  }
  if (content.kind === 'vector' && model.kind === 'vector') {
    const vectors = { ...content.vectors, data: content.vectors.data.slice() }
    const deviation = (noise.share * Math.hypot(...model.vectors.data)) / Math.sqrt(vectors.cols)
    for (const row of rows)
      rowOf(vectors, row).set(model.vectors.data.map((value) => value + deviation * normal(uniform)))
    return { kind: 'vector', vectors }
  }
  if (content.kind === 'row' && model.kind === 'row') {
    const columns = new Map(content.columns)
    for (const [name, values] of content.columns) {
      const of = model.columns.get(name)
      if (values instanceof Float64Array && of instanceof Float64Array) {
        const changed = values.slice()
        for (const row of rows) changed[row] = (of[0] ?? NaN) * (1 + noise.share * normal(uniform))
        columns.set(name, changed)
      } else if (!(values instanceof Float64Array) && of !== undefined && !(of instanceof Float64Array)) {
        const value = of.values[of.codes[0] ?? -1]
        const missing = { ...values, codes: values.codes.slice() }
        for (const row of rows) missing.codes[row] = -1
        columns.set(name, value === undefined ? missing : withValue(values, rows, value))
      }
    }
    return { kind: 'row', columns }
  }
  return content
}

function withoutOneWord(text: string, uniform: Uniform): string {
  const words = text.trim().split(/\s+/)
  if (words.length > 1) words.splice(Math.floor(uniform() * words.length), 1)
  return words.join(' ')
}

/** One record, drawn; null of none. */
export function drawRecord(records: Records, uniform: Uniform): Records | null {
  const row = pick(
    Array.from({ length: sizeOf(records) }, (_, i) => i),
    uniform,
  )
  return row === undefined ? null : select(records, [row])
}

/** The records with rows replaced by near-copies of `model`, one record. Ids, sources and times stay. */
export function withNearCopies(records: Records, rows: readonly number[], model: Records, uniform: Uniform): Records {
  const content = withVariants(records.content, rows, model.content, uniform)
  const { values, codes } = selectColumn(model.label, [0])
  const label = values[codes[0] ?? -1]
  return { ...(label === undefined ? records : relabelled(records, rows, label)), content }
}
