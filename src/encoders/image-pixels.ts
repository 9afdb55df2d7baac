import { z } from 'zod'
import { sizeOf, type Content } from '../core/batch.ts'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import type { Encoder } from '../core/encoder.ts'
import { TasterError } from '../core/errors.ts'
import { selectRows } from '../core/matrix.ts'
import { permutation, random } from '../stats/random.ts'
import { principalComponents, projectOnto, type PrincipalComponents } from '../tensor/principal-components.ts'
import { expectContent } from './content/expect.ts'
import { createCollector } from './features/collector.ts'
import { patchCodes, patchId, patchName, placesOf, usualCodes, type Grid } from './image/patches.ts'
import { gridOf, pooled, type Images } from './image/pool.ts'

const params = z.strictObject({
  dims: z.int().min(1).max(1024).default(64).describe('Dimensions of a vector: principal components kept'),
  side: z
    .int()
    .min(3)
    .max(64)
    .default(32)
    .describe(
      'Longest side of the grid that larger images are averaged down to, in pixels. Marks smaller than a cell of it fade',
    ),
  images: z
    .int()
    .min(2)
    .default(10_000)
    .describe('Most reference images that the principal components are taken from, drawn at random'),
})

type Params = z.infer<typeof params>

interface Shape {
  readonly height: number
  readonly width: number
  readonly channels: number
}

interface Fitted {
  readonly params: Params
  readonly shape: Shape
  readonly reduction: PrincipalComponents
  readonly usual: Uint16Array // patch code by place
}

const shapeSchema = z.strictObject({
  height: z.int().min(1),
  width: z.int().min(1),
  channels: z.int().min(1),
})

export default {
  about: {
    title: 'Principal components of pixels; 3×3 patches of light and dark at their place as features',
    references: ['Halko, Martinsson, Tropp: Finding structure with randomness, SIAM Review 53, 2011'],
  },
  content: 'image',
  asset: null,
  params,

  async fit(reference, given, seed) {
    const images = expectContent(reference.content, 'image')
    const count = sizeOf(reference)
    if (count === 0 || images.pixels.length === 0) {
      throw new TasterError('CALIBRATION_INSUFFICIENT', 'the reference holds no images to fit on. Give trusted records')
    }
    const { height, width, channels } = images
    const cells = pooled(images, count, given.side)
    const drawn = permutation(count, random(seed)).subarray(0, given.images).toSorted()
    const reduction = await principalComponents(selectRows(cells, drawn), given.dims, seed)
    const shape = { height, width, channels }
    return { params: given, shape, reduction, usual: usualCodes(cells, grid(shape, given.side)) }
  },

  codec: {
    encode: ({ params: given, shape, reduction: { mean, components }, usual }) =>
      pack({ json: { params: given, shape }, arrays: { mean, components: components.data, usual } }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const { params: given, shape } = z.strictObject({ params, shape: shapeSchema }).parse(unpacked.json)
      const cells = grid(shape, given.side)
      const mean = arrayOf(unpacked, 'mean', 'Float64Array', cells.rows * cells.cols * cells.channels)
      const data = arrayOf(unpacked, 'components', 'Float32Array')
      const components = { rows: mean.length, cols: data.length / mean.length, data }
      const usual = arrayOf(unpacked, 'usual', 'Uint16Array', placesOf(cells))
      return { params: given, shape, reduction: { mean, components }, usual }
    },
  },

  async encode(content, { params: given, shape, reduction }) {
    const { images, count } = imagesOf(content, shape)
    return projectOnto(pooled(images, count, given.side), reduction)
  },

  features(content, { params: given, shape, usual }) {
    const { images, count } = imagesOf(content, shape)
    const cells = pooled(images, count, given.side)
    const codes = new Uint16Array(usual.length)
    const ids = new Uint32Array(usual.length)
    const collector = createCollector(count)
    for (let image = 0; image < count; image++) {
      patchCodes(cells, image, grid(shape, given.side), codes)
      let unusual = 0
      codes.forEach((code, place) => {
        if (code !== usual[place]) ids[unusual++] = patchId(place, code)
      })
      collector.addRow(ids, unusual)
    }
    return collector.features()
  },

  nameOf(content, row, feature, { params: given, shape, usual }) {
    const { images, count } = imagesOf(content, shape)
    if (row < 0 || row >= count) return undefined
    const size = shape.height * shape.width * shape.channels
    const pixels = images.pixels.subarray(row * size, (row + 1) * size)
    const cells = grid(shape, given.side)
    const codes = new Uint16Array(usual.length)
    patchCodes(pooled({ ...images, pixels }, 1, given.side), 0, cells, codes)
    const place = codes.findIndex((code, at) => code !== usual[at] && patchId(at, code) === feature)
    if (place < 0) return undefined
    const whole = cells.rows === shape.height && cells.cols === shape.width
    return patchName(feature, cells, whole ? '' : ` of the image at ${cells.rows}×${cells.cols}`)
  },
} satisfies Encoder<Params, Fitted>

function grid(shape: Shape, side: number): Grid {
  return { ...gridOf(shape, side), channels: shape.channels }
}

function imagesOf(content: Content, { height, width, channels }: Shape): { images: Images; count: number } {
  const images = expectContent(content, 'image')
  const size = height * width * channels
  const same = images.height === height && images.width === width && images.channels === channels
  if (images.pixels.length > 0 && (!same || images.pixels.length % size !== 0)) {
    throw new TasterError(
      'VALUE_WRONG_SHAPE',
      `images are ${images.height}×${images.width}×${images.channels} where the baseline was fitted on ` +
        `${height}×${width}×${channels}. Send images of that size`,
    )
  }
  return { images, count: images.pixels.length / size }
}
