import type { Content, Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import { random } from '../../../src/stats/random.ts'

const words = 'meeting agenda winner money offer free click kernel release thanks compile branch review thread'.split(
  ' ',
)

function contentOf(kind: Content['kind'], rows: number, uniform: () => number): Content {
  switch (kind) {
    case 'text':
      return {
        kind,
        text: Array.from({ length: rows }, () =>
          Array.from({ length: 10 }, () => words[Math.floor(uniform() * words.length)] ?? '').join(' '),
        ),
      }
    case 'image':
      return {
        kind,
        height: 6,
        width: 5,
        channels: 3,
        pixels: Uint8Array.from({ length: rows * 90 }, () => Math.floor(uniform() * 256)),
      }
    case 'row':
      return {
        kind,
        columns: new Map<string, Float64Array | ReturnType<typeof column>>([
          ['age', Float64Array.from({ length: rows }, () => Math.floor(uniform() * 90))],
          ['city', column(Array.from({ length: rows }, () => ['Bonn', 'Ulm', null][Math.floor(uniform() * 3)]))],
        ]),
      }
    case 'vector':
      return { kind, vectors: { rows, cols: 7, data: Float32Array.from({ length: rows * 7 }, () => uniform() - 0.5) } }
  }
}

/** Records of three labels from four sources, some of them without either. */
export function recordsOf(kind: Content['kind'], rows: number, seed = 1): Records {
  const uniform = random(seed)
  const one = (of: readonly (string | null)[]) =>
    column(Array.from({ length: rows }, () => of[Math.floor(uniform() * of.length)]))
  return {
    id: Array.from({ length: rows }, (_, row) => `${seed}-${row}`),
    source: one(['s0', 's1', 's2', 's3', null]),
    label: one(['a', 'b', 'c', null]),
    at: Float64Array.from({ length: rows }, (_, row) => row),
    content: contentOf(kind, rows, uniform),
  }
}
