import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { TasterError } from '../../src/core/errors.ts'
import { random } from '../../src/stats/random.ts'
import { changed, drawRows, poisonCount, rowsWhere, type Attack } from '../attack.ts'
import { relabelled } from '../edit.ts'

const params = z.strictObject({})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Random label flips',
    does: 'Gives records a label drawn from all the others, each equally likely.',
    references: ['Natarajan, Dhillon, Ravikumar, Tewari 2013, Learning with Noisy Labels, NeurIPS'],
  },
  content: ['text', 'image', 'row', 'vector'],
  rateOf: 'records',
  params,
  apply(records, _params, dose) {
    const uniform = random(dose.seed)
    const labels = [...new Set(records.label.codes)].filter((code) => code >= 0).toSorted((a, b) => a - b)
    if (labels.length < 2)
      throw new TasterError(
        'CONFIG_INVALID',
        `labels cannot be flipped: the records have ${labels.length}, two are needed`,
      )
    const candidates = rowsWhere(records, (row) => valueAt(records.label, row) !== undefined)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), uniform)
    const flipped = relabelled(records, rows, (row) => {
      const others = labels.filter((code) => code !== records.label.codes[row])
      return records.label.values[others[Math.floor(uniform() * others.length)] ?? 0] ?? ''
    })
    return changed(flipped, rows, {})
  },
}
export default attack
