import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loadAsset } from '../../src/baseline/assets.ts'
import { loadEncoders } from '../../src/baseline/registry.ts'
import { select, sizeOf, type Content, type ContentKind, type Records } from '../../src/core/batch.ts'
import { column } from '../../src/core/column.ts'
import { featuresOf, selectFeatures, type Features } from '../../src/core/encoded.ts'
import { TasterError } from '../../src/core/errors.ts'
import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { liveTensors, startBackend } from '../../src/tensor/backend.ts'
import { contents } from './contents.ts'

const encoders = await loadEncoders()
const assets = new Map(
  await Promise.all(
    [...encoders.values()].map(
      async ({ asset }) => [asset, asset === null ? new Map<string, Uint8Array>() : await loadAsset(asset)] as const,
    ),
  ),
)

/** Every array and string of some content, in order: to see whether something changed it. */
function fingerprint(content: Content): string {
  switch (content.kind) {
    case 'text':
      return JSON.stringify(content.text)
    case 'image':
      return content.pixels.join()
    case 'row':
      return JSON.stringify(
        [...content.columns].map(([name, values]) => [
          name,
          values instanceof Float64Array ? values.join() : [values.values, [...values.codes]],
        ]),
      )
    case 'vector':
      return content.vectors.data.join()
  }
}

/** A short form of numbers that is equal for equal bits: comparing megabytes element by element takes long. */
function bits(of: Matrix | Features | Uint8Array): string {
  const arrays = of instanceof Uint8Array ? [of] : 'ids' in of ? [of.offsets, of.ids] : [of.data]
  const hash = createHash('sha256')
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return `${arrays.map(({ length }) => length).join()} ${'rows' in of ? `${of.rows}×${of.cols}` : ''} ${hash.digest('hex')}`
}

function frozen(of: Records): Records {
  if (of.content.kind === 'text') Object.freeze(of.content.text)
  Object.freeze(of.content)
  return Object.freeze(of)
}

describe.each([...encoders])('encoder %s', (_name, encoder) => {
  const made = contents[encoder.content]
  const usual = (rows: number) => made.usual(rows)
  const constant = (rows: number) => made.constant(rows)
  const strange = () => made.hostile()
  const files = assets.get(encoder.asset) ?? new Map<string, Uint8Array>()
  const params = encoder.params.parse({})
  const fit = (reference: Records, seed = 5) => encoder.fit(reference, params, seed, files)
  const reference = frozen(usual(300))
  const fitting = fit(reference)
  const batch = frozen(
    select(
      usual(340),
      Int32Array.from({ length: 40 }, (_, i) => 300 + i),
    ),
  )

  it('says what it is, and describes every parameter with a default', () => {
    expect(encoder.about.title).not.toBe('')
    expect(encoder.about.references.length).toBeGreaterThan(0)
    const { properties } = encoder.params.toJSONSchema({ io: 'input' }) as {
      properties: { [name: string]: { description?: string; default?: unknown } }
    }
    for (const property of Object.values(properties)) {
      expect(property.description).toMatch(/\w/)
      expect(property.default).toBeDefined()
    }
  })

  it('gives one finite vector a record, always the same', async () => {
    const fitted = await fitting
    const first = await encoder.encode(batch.content, fitted, files)
    expect([first.rows, first.data.length]).toEqual([40, 40 * first.cols])
    expect(first.data.every(Number.isFinite)).toBe(true)
    expect(first.data.some((value) => value !== 0)).toBe(true)
    expect(bits(await encoder.encode(batch.content, fitted, files))).toBe(bits(first))
    const again = await fit(frozen(usual(300)))
    expect(bits(await encoder.encode(batch.content, again, files))).toBe(bits(first))
    expect(bits(encoder.features(batch.content, again))).toBe(bits(encoder.features(batch.content, fitted)))
  })

  it('leaves what it is given as it was', async () => {
    const before = [fingerprint(reference.content), fingerprint(batch.content)]
    const fitted = await fit(reference)
    const stored = encoder.codec.encode(fitted)
    await encoder.encode(batch.content, fitted, files)
    const { ids } = encoder.features(batch.content, fitted)
    encoder.nameOf(batch.content, 0, ids[0] ?? 0, fitted)
    expect([fingerprint(reference.content), fingerprint(batch.content)]).toEqual(before)
    expect(bits(encoder.codec.encode(fitted))).toBe(bits(stored))
  })

  it('encodes a record alike wherever it stands and whatever stands beside it', async () => {
    const fitted = await fitting
    const order = permutation(40, random(3))
    const all = await encoder.encode(batch.content, fitted, files)
    const features = encoder.features(batch.content, fitted)
    const shuffled = select(batch, order)
    expect(bits(await encoder.encode(shuffled.content, fitted, files))).toBe(bits(selectRows(all, order)))
    expect(bits(encoder.features(shuffled.content, fitted))).toBe(bits(selectFeatures(features, order)))
    const alone = select(batch, [7])
    expect(bits(await encoder.encode(alone.content, fitted, files))).toBe(bits(selectRows(all, [7])))
    expect(bits(encoder.features(alone.content, fitted))).toBe(bits(selectFeatures(features, [7])))
  })

  it('takes no records, one record, constant and hostile records', async () => {
    const onUsual = await fitting
    const { cols } = await encoder.encode(batch.content, onUsual, files)
    for (const fitted of [onUsual, await fit(constant(20)), await fit(constant(1)), await fit(strange())]) {
      for (const one of [select(batch, []), select(batch, [0]), constant(5), strange()]) {
        const vectors = await encoder.encode(one.content, fitted, files)
        expect(vectors.rows).toBe(sizeOf(one))
        expect(vectors.data.every(Number.isFinite)).toBe(true)
        expect(encoder.features(one.content, fitted).offsets.length).toBe(sizeOf(one) + 1)
      }
    }
    expect((await encoder.encode(select(batch, []).content, onUsual, files)).cols).toBe(cols)
  })

  it('names every feature, and has none twice in a record', async () => {
    const fitted = await fitting
    for (const one of [select(batch, [0, 1, 2, 3]), strange()]) {
      const features = encoder.features(one.content, fitted)
      expect(features.offsets[sizeOf(one)]).toBe(features.ids.length)
      for (let row = 0; row < sizeOf(one); row++) {
        const ids = [...featuresOf(features, row)]
        expect(new Set(ids).size).toBe(ids.length)
        for (const id of ids.slice(0, 20)) {
          const name = encoder.nameOf(one.content, row, id, fitted)
          expect(name).toMatch(/\S/)
          expect(name?.length).toBeLessThan(400)
        }
      }
      const foreign = Array.from({ length: 100 }, (_, i) => i * 7919).find((id) => !features.ids.includes(id)) ?? 0
      expect(encoder.nameOf(one.content, 0, foreign, fitted)).toBeUndefined()
    }
  })

  it('comes back from storage as it was', async () => {
    for (const fitted of [await fitting, await fit(constant(3)), await fit(strange())]) {
      const bytes = encoder.codec.encode(fitted)
      const back = encoder.codec.decode(bytes)
      expect(bits(encoder.codec.encode(back))).toBe(bits(bytes))
      expect(bits(await encoder.encode(batch.content, back, files))).toBe(
        bits(await encoder.encode(batch.content, fitted, files)),
      )
      expect(bits(encoder.features(batch.content, back))).toBe(bits(encoder.features(batch.content, fitted)))
      expect(() => encoder.codec.decode(bytes.subarray(0, bytes.length - 8))).toThrow(TasterError)
    }
    expect(() => encoder.codec.decode(new Uint8Array(64))).toThrow(TasterError)
  })

  it('works under any seed', async () => {
    for (const seed of [0, 1, -1, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER]) {
      const fitted = await fit(reference, seed)
      const vectors = await encoder.encode(batch.content, fitted, files)
      expect(vectors.data.every(Number.isFinite)).toBe(true)
      const back = encoder.codec.decode(encoder.codec.encode(fitted))
      expect(bits(await encoder.encode(batch.content, back, files))).toBe(bits(vectors))
    }
  })

  it('refuses content of another kind or shape', async () => {
    const fitted = await fitting
    const kinds = Object.keys(contents).filter((kind) => kind !== encoder.content) as ContentKind[]
    const wrong = kinds.map((kind) => contents[kind].usual(2).content)
    if (encoder.content === 'image')
      wrong.push({ kind: 'image', height: 5, width: 6, channels: 3, pixels: new Uint8Array(90) })
    if (encoder.content === 'vector')
      wrong.push({ kind: 'vector', vectors: { rows: 1, cols: 2, data: new Float32Array(2) } })
    if (encoder.content === 'row') {
      const { columns } = batch.content as Extract<Content, { kind: 'row' }>
      wrong.push({ kind: 'row', columns: new Map([...columns].slice(1)) })
      wrong.push({ kind: 'row', columns: new Map([...columns, ['price', column(['a'])]]) })
      wrong.push({ kind: 'row', columns: new Map([...columns, ['kind', new Float64Array(40)]]) })
      wrong.push({ kind: 'row', columns: new Map([...columns, ['price', new Float64Array(39)]]) })
    }
    const encode = async (content: Content) => encoder.encode(content, fitted, files)
    for (const content of wrong) await expect(encode(content)).rejects.toThrow(TasterError)
    const other = contents[kinds[0] ?? 'text'].usual(2)
    await expect((async () => fit(other))()).rejects.toThrow(TasterError)
    expect(() => encoder.features(other.content, fitted)).toThrow(TasterError)
  })

  it('leaves no tensor behind', async () => {
    await startBackend()
    const before = liveTensors()
    const fitted = await fit(reference)
    for (let i = 0; i < 5; i++) await encoder.encode(batch.content, fitted, files)
    expect(liveTensors()).toBe(before)
  })
})

describe('encoders', () => {
  it('cover every kind of content', () => {
    expect(new Set([...encoders.values()].map(({ content }) => content))).toEqual(new Set(Object.keys(contents)))
  })
})
