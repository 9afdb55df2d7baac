import { select, sizeOf, type Content, type Records } from '../core/batch.ts'
import { column, valueAt, type Column } from '../core/column.ts'

const most = 300 // records

/** The last records of a stream, from which poisons take what they need: labels, sources, words, records to copy. */
export function openRecent() {
  let parts: Records[] = []
  return {
    add(records: Records): void {
      const size = sizeOf(records)
      if (size === 0) return
      const kept = Math.min(size, most)
      parts.push(
        kept === size
          ? records
          : select(
              records,
              Array.from({ length: kept }, (_, i) => size - kept + i),
            ),
      )
      let total = parts.reduce((sum, part) => sum + sizeOf(part), 0)
      while (total - sizeOf(parts[0] ?? records) >= most) total -= sizeOf(parts.shift() ?? records)
    },
    /** Null before the first record. */
    all(): Records | null {
      const [first, ...rest] = parts
      if (first === undefined) return null
      if (rest.length > 0) parts = [joined(first, rest)]
      return parts[0] ?? null
    },
  }
}

function joined(first: Records, rest: readonly Records[]): Records {
  const parts = [first, ...rest]
  return {
    id: parts.flatMap(({ id }) => id),
    source: joinedColumns(parts.map(({ source }) => source)),
    label: joinedColumns(parts.map(({ label }) => label)),
    at: Float64Array.from(parts.flatMap(({ at }) => [...at])),
    content: joinedContent(
      first.content,
      parts.map(({ content }) => content),
    ),
  }
}

function joinedColumns(parts: readonly Column[]): Column {
  return column(parts.flatMap((part) => Array.from(part.codes, (_, row) => valueAt(part, row))))
}

/** The records of one stream have content of one kind and shape. */
function joinedContent(first: Content, parts: readonly Content[]): Content {
  switch (first.kind) {
    case 'text':
      return { kind: 'text', text: parts.flatMap((part) => (part.kind === 'text' ? part.text : [])) }
    case 'image': {
      const pixels = parts.flatMap((part) => (part.kind === 'image' ? [part.pixels] : []))
      return { ...first, pixels: new Uint8Array(Buffer.concat(pixels)) }
    }
    case 'vector': {
      const vectors = parts.flatMap((part) => (part.kind === 'vector' ? [part.vectors] : []))
      const data = new Float32Array(vectors.reduce((sum, each) => sum + each.data.length, 0))
      let at = 0
      for (const each of vectors) {
        data.set(each.data, at)
        at += each.data.length
      }
      const rows = vectors.reduce((sum, each) => sum + each.rows, 0)
      return { kind: 'vector', vectors: { rows, cols: first.vectors.cols, data } }
    }
    case 'row': {
      const tables = parts.flatMap((part) => (part.kind === 'row' ? [part.columns] : []))
      return {
        kind: 'row',
        columns: new Map(
          [...first.columns].map(([name, values]): [string, Float64Array | Column] => {
            const all = tables.flatMap((table) => table.get(name) ?? [])
            return values instanceof Float64Array
              ? [name, Float64Array.from(all.flatMap((each) => (each instanceof Float64Array ? [...each] : [])))]
              : [name, joinedColumns(all.flatMap((each) => (each instanceof Float64Array ? [] : [each])))]
          }),
        ),
      }
    }
  }
}
