import { describe, expect, it } from 'vitest'
import { assetDigest, loadAsset } from '../../../src/baseline/assets.ts'
import { TasterError } from '../../../src/core/errors.ts'

describe('loadAsset', () => {
  it('reads every file that SHA256SUMS lists, verified', async () => {
    const assets = await loadAsset('glove100-40k')
    expect([...assets.keys()].toSorted()).toEqual([
      'NOTICE',
      'glove100-40k.i8',
      'glove100-40k.scale.f32',
      'glove100-40k.vocab.txt',
    ])
    expect(assets.get('glove100-40k.i8')?.length).toBe(4_000_000)
  })

  it('refuses a folder that is not there', async () => {
    await expect(loadAsset('no-such-asset')).rejects.toThrow(TasterError)
    await expect(loadAsset('no-such-asset')).rejects.toThrow(/cannot be read/)
  })
})

describe('assetDigest', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values)

  it('does not depend on the order of files', () => {
    const a = new Map([
      ['x', bytes(1)],
      ['y', bytes(2)],
    ] as const)
    const b = new Map([
      ['y', bytes(2)],
      ['x', bytes(1)],
    ] as const)
    expect(assetDigest(a)).toBe(assetDigest(b))
    expect(assetDigest(a)).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  it('changes with a byte and with a name', () => {
    const digests = [new Map([['x', bytes(1)]]), new Map([['x', bytes(2)]]), new Map([['y', bytes(1)]])].map(
      assetDigest,
    )
    expect(new Set(digests).size).toBe(3)
  })
})
