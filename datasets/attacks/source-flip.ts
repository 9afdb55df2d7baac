import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { TasterError } from '../../src/core/errors.ts'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { labelPair, labelPairOf, mislabelled } from '../label-pair.ts'

const params = z.strictObject({
  source: z.string().nullable().default(null).describe('The source; null: the one that sends most records of `from`'),
  ...labelPair,
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'One source flips a label pair',
    does: 'Relabels a share of what one source sends under one label as another; every other source stays honest.',
    references: [
      'Tolpegin, Truex, Gursoy, Liu 2020, Data Poisoning Attacks Against Federated Learning Systems, arXiv:2007.08432',
    ],
  },
  content: ['text', 'image', 'row', 'vector'],
  rateOf: 'candidates',
  params,
  apply(records, { source: given, ...pair }, dose) {
    const { candidates: flippable, target } = labelPairOf(records, pair)
    const counts = new Map<string, number>()
    for (const row of flippable) {
      const source = valueAt(records.source, row)
      if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1)
    }
    const source = given ?? [...counts].reduce<[string, number]>((a, b) => (b[1] > a[1] ? b : a), ['', 0])[0]
    if (!counts.has(source))
      throw new TasterError(
        'CONFIG_INVALID',
        `no source to poison: ${given === null ? 'no source' : `source "${given}"`} sends a record that could become "${target.to}"`,
      )
    const candidates = flippable.filter((row) => valueAt(records.source, row) === source)
    const rows = drawRows(candidates, poisonCount(dose, candidates.length), random(dose.seed))
    return mislabelled(records, rows, { source, ...target })
  },
}
export default attack
