import { z } from 'zod'
import type { Detector } from '../src/core/detector.ts'
import { explained } from './frequency-residual/explain.ts'
import { judged, scoresAfter } from './frequency-residual/judge.ts'
import { empty, memoryCodec, merged, type Memory } from './frequency-residual/memory.ts'
import { fittedCodec } from './frequency-residual/stored.ts'
import { fewestPerLabel, fitTrusted, type Fitted } from './frequency-residual/trusted.ts'

const params = z.strictObject({
  dims: z
    .int()
    .min(2)
    .max(512)
    .default(256)
    .describe('Principal components of the spectra that are kept; at most a quarter of the images they are taken from'),
  side: z
    .int()
    .min(4)
    .max(64)
    .default(32)
    .describe('Longest side of the grid that larger images are averaged down to, in pixels. Finer marks fade'),
  tail: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.2)
    .describe('Share of clean images that stand out enough to be compared with each other'),
  shrinkage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('How far the covariance of spectra is drawn towards a sphere (share)'),
})

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'Common fine structure of images',
    family: 'trigger',
    catches:
      'Images that share fine structure which trusted images of their label lack: a patch painted into them, an image of noise blended in, whether or not their labels are true; from about ten images of a label on.',
    misses:
      'Smooth triggers (a faint sinusoid, a warp), marks finer than the grid that large images are averaged down to, triggers that differ from image to image, and marks that trusted images have too. Noise on every image hides weak triggers.',
    references: [
      'Zeng, Park, Mao, Jia 2021, Rethinking the Backdoor Attacks’ Triggers: A Frequency Perspective, arXiv:2104.03413',
      'Hayase, Kong, Somani, Oh 2021, SPECTRE: Defending Against Backdoor Attacks Using Robust Statistics, arXiv:2104.11315',
      'Dong, Hopkins, Li 2019, Quantum Entropy Scoring for Fast Robust Mean Estimation, arXiv:1906.11366',
    ],
  },
  needs: { content: ['image'], labels: false, trustedPerLabel: fewestPerLabel },
  resample: null,
  params,
  fit: fitTrusted,
  codec: fittedCodec,
  memory: { empty: () => empty, merge: merged, codec: memoryCodec },
  measure: judged,
  explain: (subject, batch, fitted, memory) =>
    explained(subject, batch, scoresAfter(batch, fitted, memory), fitted.side),
  proof: [
    { dataset: 'mnist', attack: 'badnets', rate: 0.01, metric: 'auroc', atLeast: 0.99 },
    { dataset: 'mnist', attack: 'badnets', rate: 0.01, metric: 'tpr@1%', atLeast: 0.95 },
    { dataset: 'mnist', attack: 'clean-label-patch', rate: 0.0025, metric: 'auroc', atLeast: 0.99 },
    { dataset: 'mnist', attack: 'clean-label-patch', rate: 0.0025, metric: 'tpr@1%', atLeast: 0.95 },
  ],
}
export default detector
