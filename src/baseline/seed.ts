import { hash32, mix32 } from '../core/hash.ts'

/** The seed of one random choice among many. */
export function seedFor(seed: number, name: string): number {
  return mix32(hash32(name), seed)
}
