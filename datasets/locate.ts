import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder: the nearest one upwards that has a package.json (compiled code stands one level deeper). */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error('no package.json above datasets/: run from the project folder')
    folder = dirname(folder)
  }
  return folder
}

/** A file inside an installed package, whatever the package exports. Throws with a remedy where it is not installed. */
export function packageFile(name: string, path: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const found = folders.map((folder) => join(folder, name, path)).find((file) => existsSync(file))
  if (found === undefined) throw new Error(`${name}/${path} is not installed: run npm ci`)
  return found
}

/**
 * A file of the data sets that may not be redistributed, kept in the optional folder ../shared/data beside the project's own.
 * Undefined, with a line on stderr that says so, where it is not there.
 */
export function sharedFile(path: string): string | undefined {
  const file = join(projectFolder(), '..', 'shared', 'data', path)
  if (existsSync(file)) return file
  process.stderr.write(`datasets: the optional folder ../shared/data has no ${path}, what needs it is left out\n`)
  return undefined
}
