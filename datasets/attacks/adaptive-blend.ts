import { z } from 'zod'
import { sizeOf } from '../../src/core/batch.ts'
import { random } from '../../src/stats/random.ts'
import { type Attack } from '../attack.ts'
import { covered, coverShare, drawCovered } from '../cover.ts'
import { repainted, shapeOf } from '../edit.ts'
import { labelPair, labelPairOf } from '../label-pair.ts'

const params = z.strictObject({
  ...labelPair,
  alpha: z.number().gt(0).lt(1).default(0.15).describe('Weight of the noise image'),
  across: z.int().min(1).default(4).describe('Pieces that the noise image is cut into, along each side'),
  masked: z.number().min(0).lt(1).default(0.5).describe('Share of the pieces that each image is spared, drawn anew'),
  cover: coverShare(0.5),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Adaptive blend',
    does: 'Blends random pieces of one fixed image of noise into images, and gives some of them the target label and leaves the others theirs.',
    references: [
      'Qi, Xie, Li, Mahloujifar, Mittal 2023, Revisiting the Assumption of Latent Separability for Backdoor Defenses, ICLR',
    ],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { alpha, across, masked, cover, ...pair }, dose) {
    const uniform = random(dose.seed)
    const { height, width, channels } = shapeOf(records)
    const noise = Float64Array.from({ length: height * width * channels }, () => 255 * uniform())
    const { candidates, target } = labelPairOf(records, pair)
    const everyone = Int32Array.from({ length: sizeOf(records) }, (_, row) => row)
    const drawn = drawCovered(records, { payload: candidates, cover: everyone }, dose, cover, uniform)
    const pieceOf = (i: number) => {
      const pixel = Math.floor(i / channels)
      const down = Math.floor((Math.floor(pixel / width) * across) / height)
      return down * across + Math.floor(((pixel % width) * across) / width)
    }
    const blended = repainted(records, Int32Array.from([...drawn.payload, ...drawn.cover]), (image) => {
      const shown = Array.from({ length: across * across }, () => uniform() >= masked)
      if (!shown.includes(true)) shown[Math.floor(uniform() * shown.length)] = true
      for (let i = 0; i < image.length; i++)
        if (shown[pieceOf(i)] === true) image[i] = Math.round((1 - alpha) * (image[i] ?? 0) + alpha * (noise[i] ?? 0))
    })
    return covered(blended, drawn, { features: ['noise'], ...target })
  },
}
export default attack
