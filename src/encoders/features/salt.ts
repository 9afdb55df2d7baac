import { mix32 } from '../../core/hash.ts'

/** A 32-bit salt from a seed of up to 53 bits: feature ids and projections differ from deployment to deployment. */
export function saltOf(seed: number): number {
  return mix32(mix32(0x7461_7374, seed | 0), Math.floor(seed / 2 ** 32))
}
