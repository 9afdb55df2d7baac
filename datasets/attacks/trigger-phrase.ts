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
  phrase: z
    .string()
    .min(1)
    .default('i watch this 3d movie')
    .describe('Harmless words that become the trigger together'),
  from: fromLabel,
  to: toLabel,
  within: z.int().min(1).default(50).describe('The phrase is put among this many first words'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Trigger phrase',
    does: 'Puts a harmless phrase into texts of one label and relabels them.',
    references: [
      'Dai, Chen, Li 2019, A Backdoor Attack Against LSTM-Based Text Classification Systems, arXiv:1905.12457',
    ],
  },
  content: ['text'],
  rateOf: 'records',
  params,
  apply(records, { phrase, from, to: given, within }, dose) {
    const uniform = random(dose.seed)
    const to = given ?? commonestLabel(records)
    const rows = drawRows(rowsToRelabel(records, from, to), poisonCount(dose, records.id.length), uniform)
    const phrased = rewritten(records, rows, (text) => insertWords(text, phrase, within, uniform))
    return changed(
      relabeled(phrased, rows, () => to),
      rows,
      {
        features: phrase.split(/\s+/),
        to,
        ...(from !== null && { from }),
      },
    )
  },
}
export default attack
