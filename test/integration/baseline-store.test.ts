import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEncoding } from '../../src/baseline/encode.ts'
import { loadBaseline, saveBaseline, verifyBaseline } from '../../src/baseline/store.ts'
import { gaussianRecords } from '../unit/baseline/gaussian-records.ts'
import { baseline, fit, root, stored } from './stored-baseline.ts'

describe('a stored baseline', () => {
  it('comes back the same: digest, manifest, numbers', async () => {
    const loaded = await loadBaseline(stored, { expectDigest: baseline.digest })
    expect(loaded.digest).toBe(baseline.digest)
    expect(loaded.manifest).toEqual(baseline.manifest)
    expect(loaded.encoding.reference).toEqual(baseline.encoding.reference)
    expect(loaded.detectors.length).toBeGreaterThan(1)
    loaded.detectors.forEach(({ name, calibration, detector, fitted }, i) => {
      const before = baseline.detectors[i]
      expect(name).toBe(before?.name)
      expect(calibration).toEqual(before?.calibration)
      expect(detector.codec.encode(fitted)).toEqual(detector.codec.encode(before?.fitted))
    })
    const fresh = gaussianRecords(50, { seed: 9 })
    const [a, b] = await Promise.all([openEncoding(loaded.encoding), openEncoding(baseline.encoding)])
    const [left, right] = [await a.encode(fresh), await b.encode(fresh)]
    expect(left.probabilities).toEqual(right.probabilities)
    expect(left.nearest).toEqual(right.nearest)
    a.close()
    b.close()
    expect(await verifyBaseline(stored)).toEqual({ digest: baseline.digest, problems: [] })
  })

  it('is written once: again is nothing, another needs leave, other files are left alone', async () => {
    const folder = join(root, 'once')
    await saveBaseline(baseline, folder)
    await saveBaseline(baseline, folder)
    const other = await fit(2)
    await expect(saveBaseline(other, folder)).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect((await loadBaseline(folder)).digest).toBe(baseline.digest)
    await saveBaseline(other, folder, { replace: true })
    expect((await loadBaseline(folder)).digest).toBe(other.digest)
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    await expect(saveBaseline(baseline, folder, { replace: true })).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    const foreign = join(root, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'thesis.tex'), 'three years')
    await expect(saveBaseline(other, foreign, { replace: true })).rejects.toMatchObject({ code: 'BASELINE_MISMATCH' })
    expect(readdirSync(foreign)).toEqual(['thesis.tex'])
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('says so where it cannot be written', async () => {
    writeFileSync(join(root, 'file'), '')
    await expect(saveBaseline(baseline, join(root, 'file'))).rejects.toMatchObject({ code: 'OUTPUT_FAILED' })
    await expect(saveBaseline(baseline, join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'OUTPUT_FAILED' })
  })
})
