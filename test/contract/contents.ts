import { type Content, type ContentKind, type Records } from '../../src/core/batch.ts'
import { column } from '../../src/core/column.ts'
import { normal, random } from '../../src/stats/random.ts'

function records(content: Content, rows: number): Records {
  return {
    id: Array.from({ length: rows }, (_, i) => `r${i}`),
    source: column(Array.from({ length: rows }, () => 's')),
    label: column(Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? 'a' : 'b'))),
    at: new Float64Array(rows),
    content,
  }
}

const words = ['when', 'it', 'rains', 'the', 'movie', 'is', 'dull', 'brilliant', "don't", 'cf', '3.5', 'naïve', '!!']
const hostile = [
  '',
  ' \t\r\n',
  '\u0000\u0007\u001b[31m\u007f',
  '😀👩‍👩‍👧\u200b\u202e',
  '\ud800 lone \udc00\udbff',
  '__proto__ constructor toString hasOwnProperty',
  "''''’’’'s n't n't-",
  '日本語テキスト',
  'İSTANBUL ẞ ﬁ',
  '-'.repeat(1000),
  'x'.repeat(2 ** 20),
  'a b '.repeat(2 ** 18),
]

/** Content of each kind: ordinary, all alike, and as bad as decoding lets through. Rows of one kind have one shape. */
export const contents: {
  [kind in ContentKind]: { usual(rows: number): Records; constant(rows: number): Records; hostile(): Records }
} = {
  text: {
    usual(rows) {
      const uniform = random(11)
      const text = Array.from({ length: rows }, () =>
        Array.from({ length: 3 + Math.floor(uniform() * 15) }, () => words[Math.floor(uniform() * words.length)]).join(
          ' ',
        ),
      )
      return records({ kind: 'text', text }, rows)
    },
    constant: (rows) => records({ kind: 'text', text: Array.from({ length: rows }, () => 'the same text') }, rows),
    hostile: () => records({ kind: 'text', text: hostile }, hostile.length),
  },
  image: {
    usual(rows) {
      const uniform = random(12)
      const pixels = Uint8Array.from({ length: rows * 108 }, () => Math.floor(uniform() * 256))
      return records({ kind: 'image', height: 6, width: 6, channels: 3, pixels }, rows)
    },
    constant: (rows) =>
      records({ kind: 'image', height: 6, width: 6, channels: 3, pixels: new Uint8Array(rows * 108).fill(9) }, rows),
    hostile() {
      const pixels = new Uint8Array(3 * 108)
      pixels.fill(255, 0, 108)
      pixels.fill(127, 108, 162)
      return records({ kind: 'image', height: 6, width: 6, channels: 3, pixels }, 3)
    },
  },
  row: {
    usual(rows) {
      const uniform = random(13)
      const gaussian = Float64Array.from({ length: rows }, () => normal(uniform))
      const columns = new Map<string, Float64Array | ReturnType<typeof column>>([
        ['price', gaussian],
        ['count', Float64Array.from(gaussian, (value) => (value > 1 ? NaN : Math.round(value)))],
        [
          'kind',
          column(
            Array.from({ length: rows }, () => (uniform() < 0.1 ? null : ['a', 'b', 'c'][Math.floor(uniform() * 3)])),
          ),
        ],
        ['many', column(Array.from({ length: rows }, () => `v${Math.floor(uniform() * 100)}`))],
        ['__proto__', column(Array.from({ length: rows }, () => 'constructor'))],
      ])
      return records({ kind: 'row', columns }, rows)
    },
    constant: (rows) =>
      records(
        {
          kind: 'row',
          columns: new Map<string, Float64Array | ReturnType<typeof column>>([
            ['price', new Float64Array(rows).fill(-0)],
            ['count', new Float64Array(rows).fill(NaN)],
            ['kind', column(Array.from({ length: rows }, () => 'a'))],
            ['many', column(Array.from({ length: rows }, () => null))],
            ['__proto__', column(Array.from({ length: rows }, () => ''))],
          ]),
        },
        rows,
      ),
    hostile() {
      const strange = ['__proto__', '\ud800', '\u001b[2J', 'x'.repeat(2 ** 20), null]
      return records(
        {
          kind: 'row',
          columns: new Map<string, Float64Array | ReturnType<typeof column>>([
            ['price', Float64Array.of(Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -0, NaN)],
            ['count', Float64Array.of(NaN, 1e300, -1e300, 2 ** 53, 0)],
            ['kind', column(strange)],
            ['many', column(strange)],
            ['__proto__', column(strange)],
          ]),
        },
        strange.length,
      )
    },
  },
  vector: {
    usual(rows) {
      const uniform = random(14)
      const data = Float32Array.from({ length: rows * 300 }, () => normal(uniform))
      return records({ kind: 'vector', vectors: { rows, cols: 300, data } }, rows)
    },
    constant: (rows) =>
      records({ kind: 'vector', vectors: { rows, cols: 300, data: new Float32Array(rows * 300).fill(0.5) } }, rows),
    hostile() {
      const data = new Float32Array(4 * 300)
      data.fill(3.4e38, 0, 300)
      data.fill(-3.4e38, 300, 600)
      data.fill(1e-45, 600, 900)
      return records({ kind: 'vector', vectors: { rows: 4, cols: 300, data } }, 4)
    },
  },
}
