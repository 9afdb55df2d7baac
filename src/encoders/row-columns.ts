import { z } from 'zod'
import { sizeOf } from '../core/batch.ts'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import type { Encoder } from '../core/encoder.ts'
import { TasterError } from '../core/errors.ts'
import { expectContent } from './content/expect.ts'
import { createCollector } from './features/collector.ts'
import { saltOf } from './features/salt.ts'
import { projectInto, sparseProjection, type SparseProjection } from './projection/sparse.ts'
import { cellIds, cellName, chooseColumns, eachFeature, type Chosen } from './row/bins.ts'
import { categoryColumn } from './row/categories.ts'
import { isNumber, pairColumns, type Learnt } from './row/columns.ts'
import { eachRow, means } from './row/layout.ts'
import { numberColumn } from './row/numbers.ts'

const params = z.strictObject({
  dims: z
    .int()
    .min(1)
    .max(4096)
    .default(256)
    .describe('Most dimensions of a vector; where columns need more, they are projected by random signs'),
  clip: z
    .number()
    .positive()
    .max(1000)
    .default(8)
    .describe('Farthest that a number counts from its median, in robust standard deviations'),
  maxCategories: z
    .int()
    .min(1)
    .max(1024)
    .default(32)
    .describe('Most values of a column that get a dimension each; a column with more is hashed into as many'),
  features: z
    .int()
    .min(1)
    .max(100_000)
    .default(2000)
    .describe('Most features of a row: columns first, then pairs of columns'),
})

type Params = z.infer<typeof params>

interface Fitted {
  readonly params: Params
  readonly salt: number
  readonly learnt: readonly Learnt[]
  readonly means: Float64Array // of dimensions that are 0 or 1, over the reference
  readonly chosen: Chosen
  readonly projection: SparseProjection | null
  readonly base: Float64Array // the vector of a row that has nothing: minus the means, projected
}

const columnSchema = z.union([
  z.strictObject({ name: z.string(), center: z.number(), scale: z.number().min(0), edges: z.int().min(0) }),
  z.strictObject({ name: z.string(), values: z.array(z.string()), buckets: z.int().min(1) }),
])

export default {
  about: {
    title: 'Robustly scaled numbers and one-hot categories; bins, values and their pairs as features',
    references: [
      'Rousseeuw, Croux: Alternatives to the Median Absolute Deviation, JASA 88, 1993 (robust scales)',
      'Weinberger et al.: Feature Hashing for Large Scale Multitask Learning, ICML 2009',
    ],
  },
  content: 'row',
  asset: null,
  params,

  fit(reference, given, seed) {
    const { columns } = expectContent(reference.content, 'row')
    if (sizeOf(reference) === 0 || columns.size === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'the reference holds no columns to fit on. Give trusted records',
      )
    }
    const salt = saltOf(seed)
    const learnt = [...columns].map(([name, values]) =>
      values instanceof Float64Array ? numberColumn(name, values) : categoryColumn(name, values, given.maxCategories),
    )
    const { pairings, rows } = pairColumns(reference.content, learnt)
    const chosen = chooseColumns(learnt.length, given.features, seed)
    return Promise.resolve(fitted(given, salt, learnt, means(pairings, rows, given.clip, salt), chosen))
  },

  codec: {
    encode: ({ params: given, salt, learnt, means: sums, chosen }) => {
      const columns = learnt.map((column) => (isNumber(column) ? { ...column, edges: column.edges.length } : column))
      const edges = Float64Array.from(learnt.flatMap((column) => (isNumber(column) ? [...column.edges] : [])))
      const arrays = { salt: Uint32Array.of(salt), means: sums, edges, singles: chosen.singles, pairs: chosen.pairs }
      return pack({ json: { params: given, columns }, arrays })
    },
    decode(bytes) {
      const unpacked = unpack(bytes)
      const { params: given, columns } = z.strictObject({ params, columns: z.array(columnSchema) }).parse(unpacked.json)
      const count = columns.reduce((sum, column) => sum + ('edges' in column ? column.edges : 0), 0)
      const edges = arrayOf(unpacked, 'edges', 'Float64Array', count)
      let at = 0
      const learnt = columns.map((column) =>
        'edges' in column ? { ...column, edges: edges.slice(at, (at += column.edges)) } : column,
      )
      const chosen = {
        singles: arrayOf(unpacked, 'singles', 'Int32Array'),
        pairs: arrayOf(unpacked, 'pairs', 'Int32Array'),
      }
      const salt = arrayOf(unpacked, 'salt', 'Uint32Array', 1)[0] ?? 0
      return fitted(given, salt, learnt, arrayOf(unpacked, 'means', 'Float64Array'), chosen)
    },
  },

  encode(content, { params: given, salt, learnt, projection, base }) {
    const { pairings, rows } = pairColumns(content, learnt)
    const data = new Float32Array(rows * base.length)
    const sum = base.slice()
    const visit = (dimension: number, value: number) => {
      if (projection !== null) projectInto(projection, dimension, value, sum)
      else sum[dimension] = (sum[dimension] ?? 0) + value
    }
    const endRow = (row: number) => {
      data.set(sum, row * base.length)
      sum.set(base)
    }
    eachRow(pairings, rows, given.clip, salt, visit, endRow)
    return Promise.resolve({ rows, cols: base.length, data })
  },

  features(content, { salt, learnt, chosen }) {
    const { pairings, rows } = pairColumns(content, learnt)
    const idsOf = cellIds(pairings, salt)
    const ids = new Uint32Array(learnt.length)
    const found = new Uint32Array(chosen.singles.length + chosen.pairs.length / 2)
    const collector = createCollector(rows)
    for (let row = 0; row < rows; row++) {
      idsOf(row, ids)
      let count = 0
      eachFeature(ids, chosen, (id) => (found[count++] = id))
      collector.addRow(found, count)
    }
    return collector.features()
  },

  nameOf(content, row, feature, { salt, learnt, chosen }) {
    const { pairings, rows } = pairColumns(content, learnt)
    if (row < 0 || row >= rows) return undefined
    const ids = new Uint32Array(learnt.length)
    cellIds(pairings, salt)(row, ids)
    let name: string | undefined
    eachFeature(ids, chosen, (id, a, b) => {
      if (name !== undefined || id !== feature) return
      const cells = [pairings[a], pairings[b]].filter((pairing) => pairing !== undefined)
      name = cells.map((pairing) => cellName(pairing, row)).join(' and ')
    })
    return name
  },
} satisfies Encoder<Params, Fitted>

// The projection follows from the salt: it is built again rather than stored.
function fitted(given: Params, salt: number, learnt: readonly Learnt[], centers: Float64Array, chosen: Chosen): Fitted {
  const known = { params: given, salt, learnt, means: centers, chosen }
  if (centers.length <= given.dims) return { ...known, projection: null, base: centers.map((center) => 0 - center) }
  const projection = sparseProjection(centers.length, given.dims, salt)
  const base = new Float64Array(given.dims)
  centers.forEach((center, dimension) => projectInto(projection, dimension, -center, base))
  return { ...known, projection, base }
}
