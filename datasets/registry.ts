import { readdir } from 'node:fs/promises'
import type { Records } from '../src/core/batch.ts'
import type { Attack } from './attack.ts'
import { loadBirdstrikes } from './birdstrikes.ts'
import { loadElec2 } from './elec2.ts'
import { loadMail } from './mail.ts'
import { loadMnist } from './mnist.ts'
import { loadSst2 } from './sst2.ts'

/** Data sets by the name that a detector's `proof` gives them, in order of arrival. Undefined: not on this machine. */
export const datasets: ReadonlyMap<string, () => Promise<Records | undefined>> = new Map<
  string,
  () => Promise<Records | undefined>
>([
  ['birdstrikes', loadBirdstrikes],
  ['elec2', loadElec2],
  ['mail', async () => (await loadMail()).records],
  ['mnist', () => loadMnist()],
  ['sst2', async () => (await loadSst2('clean.sst-2.train'))?.records],
])

/** Every attack of attacks/ by its file's name. */
export async function loadAttacks(): Promise<ReadonlyMap<string, Attack>> {
  const folder = new URL('./attacks/', import.meta.url)
  const files = (await readdir(folder)).filter((name) => /^[a-z0-9-]+\.(ts|js)$/.test(name)).toSorted()
  const loaded = await Promise.all(
    files.map(async (file): Promise<[string, Attack]> => {
      const module = (await import(new URL(file, folder).href)) as { default: Attack }
      return [file.replace(/\.(ts|js)$/, ''), module.default]
    }),
  )
  return new Map(loaded)
}
