import { readdir } from 'node:fs/promises'
import type { Detector } from '../core/detector.ts'
import type { Encoder } from '../core/encoder.ts'

// The folder is the registry: what stands in it is listed, validated, tested, benchmarked and documented.
export async function loadFolder<T>(url: URL): Promise<ReadonlyMap<string, T>> {
  const names = (await readdir(url)).filter((name) => /^[a-z0-9-]+\.(ts|js)$/.test(name)).toSorted()
  const loaded = await Promise.all(
    names.map(async (name): Promise<[string, T]> => {
      const module = (await import(new URL(name, url).href)) as { default: T }
      return [name.replace(/\.(ts|js)$/, ''), module.default]
    }),
  )
  return new Map(loaded)
}

export function loadDetectors(): Promise<ReadonlyMap<string, Detector>> {
  return loadFolder(new URL('../../detectors/', import.meta.url))
}

export function loadEncoders(): Promise<ReadonlyMap<string, Encoder>> {
  return loadFolder(new URL('../encoders/', import.meta.url))
}
