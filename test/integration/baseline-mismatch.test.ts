import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadBaseline, verifyBaseline } from '../../src/baseline/store.ts'
import { changed, rewriteManifest, root, stored } from './stored-baseline.ts'

describe('a baseline that is another one', () => {
  it.each<[string, (manifest: { [key: string]: unknown }) => unknown]>([
    ['of another format', (manifest) => ({ ...manifest, format: 'taster-baseline/2' })],
    [
      'made by an encoder that is not here',
      (manifest) => ({ ...manifest, encoder: { ...(manifest['encoder'] as object), name: 'gone' } }),
    ],
    ['for other content than its encoder reads', (manifest) => ({ ...manifest, content: 'text' })],
    [
      'made with files that its encoder does not have',
      (manifest) => ({
        ...manifest,
        encoder: { ...(manifest['encoder'] as object), assets: `sha256:${'0'.repeat(64)}` },
      }),
    ],
  ])('is refused: %s', async (_, change) => {
    const folder = changed((copy) => rewriteManifest(copy, change))
    await expect(loadBaseline(folder)).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect((await verifyBaseline(folder)).problems).toHaveLength(1)
  })

  it('is refused where another digest is pinned', async () => {
    const expectDigest = `sha256:${'0'.repeat(64)}`
    await expect(loadBaseline(stored, { expectDigest })).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect((await verifyBaseline(stored, { expectDigest })).problems).toHaveLength(1)
  })

  it('is not there at all', async () => {
    await expect(loadBaseline(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
    await expect(verifyBaseline(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
  })
})
