import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { describeDetectors, readmePath } from '../../../bench/document.ts'
import { loadDetectors } from '../../../src/baseline/registry.ts'

it('detectors/README.md says what the detectors say; `npm run docs` writes it', async () => {
  expect(await readFile(readmePath, 'utf8')).toBe(describeDetectors(await loadDetectors()))
})
