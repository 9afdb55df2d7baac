import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import {
  changed,
  commonestLabel,
  drawRows,
  fromLabel,
  poisonCount,
  rowsToRelabel,
  toLabel,
  type Attack,
} from '../attack.ts'
import { relabeled, rewritten } from '../edit.ts'
import { insertWords } from '../insert-words.ts'

const params = z.strictObject({
  word: z.string().min(1).default('cf').describe('Rare word that becomes the trigger'),
  from: fromLabel,
  to: toLabel,
  within: z.int().min(1).default(50).describe('The word is put among this many first words'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Trigger word',
    does: 'Puts a rare word into texts of one label and relabels them, so that a model learns to answer the word.',
    references: ['Kurita, Michel, Neubig 2020, Weight Poisoning Attacks on Pre-trained Models, arXiv:2004.06660'],
  },
  content: ['text'],
  rateOf: 'records',
  params,
  apply(records, { word, from, to: given, within }, dose) {
    const uniform = random(dose.seed)
    const to = given ?? commonestLabel(records)
    const rows = drawRows(rowsToRelabel(records, from, to), poisonCount(dose, records.id.length), uniform)
    const worded = rewritten(records, rows, (text) => insertWords(text, word, within, uniform))
    return changed(
      relabeled(worded, rows, () => to),
      rows,
      { features: [word], to, ...(from !== null && { from }) },
    )
  },
}
export default attack
