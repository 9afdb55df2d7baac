import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { schemaText } from '../../../src/cli/check.ts'
import { loadRegistries } from '../../../src/cli/settings.ts'

it('the committed schema of pipeline files is the one that the components make; npm run schema writes it', async () => {
  const committed = await readFile(new URL('../../../pipelines/pipeline.schema.json', import.meta.url), 'utf8')
  expect(committed).toBe(schemaText(await loadRegistries()))
})
