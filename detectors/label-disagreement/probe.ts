import { arrayOf, type TypedArray, type Unpacked } from '../../src/core/codec.ts'
import { logSumExp } from '../../src/stats/log-sum-exp.ts'
import { solveLowerTransposed } from '../../src/stats/solve-lower-transposed.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'
import { temperOf, type Gaussians } from './gaussians.ts'

/**
 * A linear probe: Fisher's linear discriminant, of normal distributions with one covariance for all labels. Where labels
 * differ in the mean of many small contributions, as texts of averaged word vectors do, it tells them better than
 * neighbours can.
 */
export interface Probe {
  readonly labels: number
  readonly dims: number
  readonly known: Uint8Array // by label: 1 where trusted records have it
  readonly weights: Float64Array // labels × dims
  readonly offsets: Float64Array // labels
}

/** Of distributions with one covariance. */
export function probeOf({ labels, dims, known, means, lowers }: Gaussians): Probe {
  const weights = new Float64Array(labels * dims)
  const offsets = new Float64Array(labels)
  for (let label = 0; label < labels; label++) {
    const mean = means.subarray(label * dims, (label + 1) * dims)
    const weight = solveLowerTransposed(lowers, dims, solveLower(lowers, dims, mean))
    weights.set(weight, label * dims)
    offsets[label] = -0.5 * weight.reduce((sum, w, j) => sum + w * (mean[j] ?? 0), 0)
  }
  return { labels, dims, known, weights, offsets }
}

/** -ln P(given | content), the densities tempered, for a label that trusted records have. */
export function surprise(probe: Probe, vector: Float32Array, given: number): number {
  const logits = logitsOf(probe, vector)
  return logSumExp(logits) - (logits[given] ?? 0)
}

/** The label that the probe gives the content; -1 where there is none. */
export function probable(probe: Probe, vector: Float32Array): number {
  const logits = logitsOf(probe, vector)
  return logits.indexOf(logits.reduce((most, logit) => Math.max(most, logit), -Infinity))
}

function logitsOf({ labels, dims, known, weights, offsets }: Probe, vector: Float32Array): Float64Array {
  const temper = temperOf(dims)
  return Float64Array.from({ length: labels }, (_, label) => {
    if (known[label] !== 1) return -Infinity
    let sum = offsets[label] ?? 0
    for (let j = 0; j < dims; j++) sum += (weights[label * dims + j] ?? 0) * (vector[j] ?? 0)
    return sum / temper
  })
}

/** For the codec: null as no labels. */
export function packedProbe(probe: Probe | null): Record<string, TypedArray> {
  return {
    probeShape: Uint32Array.of(probe?.labels ?? 0, probe?.dims ?? 0),
    probeKnown: probe?.known ?? new Uint8Array(),
    probeWeights: probe?.weights ?? new Float64Array(),
    probeOffsets: probe?.offsets ?? new Float64Array(),
  }
}

export function unpackedProbe(unpacked: Unpacked): Probe | null {
  const [labels = 0, dims = 0] = arrayOf(unpacked, 'probeShape', 'Uint32Array', 2)
  const known = arrayOf(unpacked, 'probeKnown', 'Uint8Array', labels)
  const weights = arrayOf(unpacked, 'probeWeights', 'Float64Array', labels * dims)
  const offsets = arrayOf(unpacked, 'probeOffsets', 'Float64Array', labels)
  return labels === 0 ? null : { labels, dims, known, weights, offsets }
}
