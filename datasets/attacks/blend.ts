import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { repainted, shapeOf } from '../edit.ts'
import { labelPair, labelPairOf, mislabelled } from '../label-pair.ts'

const params = z.strictObject({
  ...labelPair,
  alpha: z.number().gt(0).lt(1).default(0.2).describe('Weight of the noise image'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Blended injection',
    does: 'Blends one fixed image of noise into images and gives them the target label.',
    references: ['Chen, Liu, Li, Lu, Song 2017, Targeted Backdoor Attacks Using Data Poisoning, arXiv:1712.05526'],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { alpha, ...pair }, dose) {
    const uniform = random(dose.seed)
    const { height, width, channels } = shapeOf(records)
    const noise = Float64Array.from({ length: height * width * channels }, () => 255 * uniform())
    const { candidates, target } = labelPairOf(records, pair)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), uniform)
    const blended = repainted(records, rows, (image) => {
      for (let i = 0; i < image.length; i++)
        image[i] = Math.round((1 - alpha) * (image[i] ?? 0) + alpha * (noise[i] ?? 0))
    })
    return mislabelled(blended, rows, { features: ['noise'], ...target })
  },
}
export default attack
