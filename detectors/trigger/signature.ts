import { mix32 } from '../../src/core/hash.ts'

const bins = 16
const minima = new Uint32Array(bins) // of the set at hand

/**
 * Two 32-bit signatures of a feature set, each of eight minima of a one-permutation min-hash (P. Li, A. Owen & C.-H. Zhang,
 * NIPS 2012): two sets of Jaccard similarity J share one of them with probability about 1 − (1 − J⁸)². And a sum that
 * depends on every feature, to tell sets apart. None depends on the features' order.
 */
export function signatures(features: Uint32Array, label: number): { first: number; second: number; sum: number } {
  minima.fill(0xffffffff)
  let sum = label
  for (let i = 0; i < features.length; i++) {
    const h = mix32(0x7a57e12, features[i] ?? 0)
    sum = (sum + h) | 0
    const bin = h >>> 28
    if ((h & 0x0fffffff) < (minima[bin] ?? 0)) minima[bin] = h & 0x0fffffff
  }
  let first = label
  let second = ~label
  for (let bin = 0; bin < bins; bin += 2) {
    first = mix32(first, minima[bin] ?? 0)
    second = mix32(second, minima[bin + 1] ?? 0)
  }
  return { first: first >>> 0, second: second >>> 0, sum: sum >>> 0 }
}

/** Signatures met so far, in a table where later ones overwrite earlier ones: it remembers the last few ten thousand. */
export const remembered = 2 ** 15

/** Whether one of the two was met before; both are remembered. */
export function meet(seen: Uint32Array, first: number, second: number): boolean {
  const a = placeOf(first, 0)
  const b = placeOf(second, 1)
  const met = seen[a] === first || seen[b] === second
  seen[a] = first
  seen[b] = second
  return met
}

/** Where a signature is remembered: the first ones in one half of the table, the second ones in the other. */
export function placeOf(signature: number, half: 0 | 1): number {
  return half * remembered + (mix32(0x5e3d, signature) & (remembered - 1))
}
