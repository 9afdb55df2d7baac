import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { codes } from '../../../src/core/errors.ts'

it('has the codes and classes that the README lists, no more and no less', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  const section = readme.slice(readme.indexOf('\n## Errors'), readme.indexOf('\n## Decisions'))
  const listed = [...section.matchAll(/^\| `([A-Z0-9_]+)` *\| (\w+) *\|/gm)].map(([, code, name]) => [code, name])
  expect(listed).toEqual(Object.entries(codes))
})
