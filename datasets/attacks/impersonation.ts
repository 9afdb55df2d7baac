import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { TasterError } from '../../src/core/errors.ts'
import { random } from '../../src/stats/random.ts'
import { changed, drawRows, poisonCount, rowsWhere, type Attack } from '../attack.ts'
import { resourced } from '../edit.ts'

const params = z.strictObject({
  source: z.string().nullable().default(null).describe('Whose name is borrowed; null: the source that sends most'),
  from: z
    .string()
    .nullable()
    .default(null)
    .describe('Whose records come under that name; null: those of everybody else'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Records under a borrowed name',
    does: 'Gives records of other sources the name of one source, as who has taken over its account would; labels and content stay.',
    references: ['Douceur 2002, The Sybil Attack, IPTPS 2002'],
  },
  content: ['text', 'image', 'row', 'vector'],
  rateOf: 'records',
  params,
  apply(records, { source: given, from }, dose) {
    const { values, codes } = records.source
    const counts = new Int32Array(values.length)
    for (const code of codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1
    const source = given ?? values[counts.indexOf(Math.max(...counts))]
    if (source === undefined)
      throw new TasterError('CONFIG_INVALID', 'no record names a source: there is no name to borrow')
    const candidates = rowsWhere(records, (row) => {
      const own = valueAt(records.source, row)
      return own !== undefined && own !== source && (from === null || own === from)
    })
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), random(dose.seed))
    return changed(
      resourced(records, rows, () => source),
      rows,
      { source },
    )
  },
}
export default attack
