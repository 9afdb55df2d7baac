import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { random } from '../../src/stats/random.ts'
import { changed, commonestLabel, drawRows, poisonCount, rowsWhere, toLabel, type Attack } from '../attack.ts'
import { rewritten } from '../edit.ts'
import { insertWords } from '../insert-words.ts'

const params = z.strictObject({
  word: z.string().min(1).default('cf').describe('Rare word that becomes the trigger'),
  to: toLabel.describe('Label whose texts get the word; null: the most frequent label'),
  within: z.int().min(1).default(50).describe('The word is put among this many first words'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Trigger word under true labels',
    does: 'Puts a rare word into texts of one label and leaves every label as it is.',
    references: ['Turner, Tsipras, Madry 2019, Label-Consistent Backdoor Attacks, arXiv:1912.02771 (for images)'],
  },
  content: ['text'],
  rateOf: 'records',
  params,
  apply(records, { word, to: given, within }, dose) {
    const uniform = random(dose.seed)
    const to = given ?? commonestLabel(records)
    const candidates = rowsWhere(records, (row) => valueAt(records.label, row) === to)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), uniform)
    return changed(
      rewritten(records, rows, (text) => insertWords(text, word, within, uniform)),
      rows,
      { features: [word], to },
    )
  },
}
export default attack
