import { z } from 'zod'
import { sizeOf } from '../../src/core/batch.ts'
import { random } from '../../src/stats/random.ts'
import { type Attack } from '../attack.ts'
import { covered, coverShare, drawCovered } from '../cover.ts'
import { repainted, shapeOf } from '../edit.ts'
import { labelPair, labelPairOf } from '../label-pair.ts'
import { jittered, smoothWarp, warpImage } from '../warp.ts'

const params = z.strictObject({
  ...labelPair,
  controls: z.int().min(2).default(4).describe('Control points of the warp along each side'),
  strength: z.number().gt(0).default(0.5).describe('Strength of the warp; 1 moves pixels by half of one in the mean'),
  cover: coverShare(2 / 3),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Warping (WaNet)',
    does: 'Warps images by one smooth field and gives them the target label, and warps others by that field with noise and leaves them theirs.',
    references: ['Nguyen, Tran 2021, WaNet: Imperceptible Warping-based Backdoor Attack, ICLR, arXiv:2102.10369'],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { controls, strength, cover, ...pair }, dose) {
    const uniform = random(dose.seed)
    const shape = shapeOf(records)
    const field = smoothWarp(shape, controls, strength, uniform)
    const { candidates, target } = labelPairOf(records, pair)
    const everyone = Int32Array.from({ length: sizeOf(records) }, (_, row) => row)
    const drawn = drawCovered(records, { payload: candidates, cover: everyone }, dose, cover, uniform)
    const warped = repainted(records, drawn.payload, (image) => warpImage(image, shape, field))
    const both = repainted(warped, drawn.cover, (image) => warpImage(image, shape, jittered(field, uniform)))
    return covered(both, drawn, { features: ['warp'], ...target })
  },
}
export default attack
