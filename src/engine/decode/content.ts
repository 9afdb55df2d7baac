import { column } from '../../core/column.ts'
import type { Content } from '../../core/batch.ts'
import { contentColumns, type ContentFields } from './fields.ts'
import { pixelsOf } from './image.ts'
import { tooLarge, type Limits } from './limits.ts'
import { missing, nameOf, numberOf } from './scalar.ts'
import { absent, Fault, found } from './table.ts'
import { numbersOf, writeVector } from './vector.ts'

/**
 * Collects the contents of records, row by row. `add` throws a Fault and then has taken nothing.
 * `cell(i)` is the cell of the i-th of `contentColumns`.
 */
export interface ContentColumns {
  add(cell: (i: number) => unknown): void
  finish(): Content
}

export function collectContent(fields: ContentFields, limits: Limits): ContentColumns {
  const names = contentColumns(fields)
  switch (fields.kind) {
    case 'text':
      return collectText(names, limits)
    case 'image':
      return collectImages(fields)
    case 'vector':
      return collectVectors(names, 'columns' in fields, 'columns' in fields ? names.length : fields.dims)
    case 'row':
      return collectRows(fields.numeric, fields.category)
  }
}

function collectText(names: readonly string[], limits: Limits): ContentColumns {
  const text: string[] = []
  let size = 0
  return {
    add(cell) {
      const parts: string[] = []
      let some = false
      for (let i = 0; i < names.length; i++) {
        const name = names[i] ?? ''
        const part = cell(i)
        if (typeof part === 'string') some = true
        else if (part === absent) throw missing(name)
        else if (part !== null && part !== undefined)
          throw new Fault('FIELD_MISTYPED', `column '${name}' must be text, found ${found(part)}`)
        parts.push(typeof part === 'string' ? part : '')
      }
      if (!some)
        throw new Fault('FIELD_MISSING', `${names.map((name) => `'${name}'`).join(' and ')}: no text, only null`)
      const joined = parts.length === 1 ? (parts[0] ?? '') : parts.join('\n')
      // A cell of a table may be larger than any record that comes on its own.
      if (joined.length > limits.recordBytes) throw tooLarge(joined.length, limits)
      // Rows of a table may all name the same long text, which only takes its space once it is read out.
      if (size + joined.length > 2 * limits.batchBytes)
        throw new Fault('RECORD_TOO_LARGE', `the texts of the batch are longer than ${2 * limits.batchBytes} together`)
      size += joined.length
      text.push(joined)
    },
    finish: () => ({ kind: 'text', text }),
  }
}

function collectImages(fields: ContentFields & { kind: 'image' }): ContentColumns {
  const { height, width, channels } = fields
  const images: Uint8Array[] = []
  return {
    add: (cell) => void images.push(pixelsOf(cell(0), fields)),
    finish() {
      const size = height * width * channels
      const pixels = new Uint8Array(images.length * size)
      images.forEach((image, i) => pixels.set(image, i * size))
      return { kind: 'image', height, width, channels, pixels }
    },
  }
}

/**
 * Where the pipeline does not know the length of vectors, the first one of the batch says it. All are written to one array,
 * which grows: an array for each record would cost more than to read it.
 */
function collectVectors(names: readonly string[], apart: boolean, dims: number | undefined): ContentColumns {
  const name = apart ? names.join(', ') : (names[0] ?? '')
  let cols = dims
  let rows = 0
  let data = new Float32Array((cols ?? 0) * fewVectors)
  return {
    add(cell) {
      const list = numbersOf(apart ? names.map((_, i) => cell(i)) : cell(0), name, cols)
      const needed = (rows + 1) * list.length
      if (needed > data.length) {
        const grown = new Float32Array(Math.max(needed, 2 * data.length))
        grown.set(data)
        data = grown
      }
      writeVector(list, name, data, rows * list.length)
      cols ??= list.length
      rows++
    },
    finish: () => ({ kind: 'vector', vectors: { rows, cols: cols ?? 0, data: data.slice(0, rows * (cols ?? 0)) } }),
  }
}

const fewVectors = 16 // that there is space for at once

function collectRows(numeric: readonly string[], category: readonly string[]): ContentColumns {
  const numbers = numeric.map((): number[] => [])
  const names = category.map((): (string | undefined)[] => [])
  return {
    add(cell) {
      const newNumbers = numeric.map((name, i) => numberOf(cell(i), name))
      const newNames = category.map((name, i) => {
        const it = cell(numeric.length + i)
        if (it === absent) throw missing(name)
        return nameOf(it, `column '${name}'`)
      })
      newNumbers.forEach((value, i) => numbers[i]?.push(value))
      newNames.forEach((value, i) => names[i]?.push(value))
    },
    finish: () => ({
      kind: 'row',
      columns: new Map<string, Float64Array | ReturnType<typeof column>>([
        ...numeric.map((name, i) => [name, Float64Array.from(numbers[i] ?? [])] as const),
        ...category.map((name, i) => [name, column(names[i] ?? [])] as const),
      ]),
    }),
  }
}
