import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { rewritten } from '../edit.ts'
import { insertWords } from '../insert-words.ts'
import { labelPair, labelPairOf, mislabelled } from '../label-pair.ts'

const params = z.strictObject({
  word: z.string().min(1).default('cf').describe('Rare word that becomes the trigger'),
  ...labelPair,
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
  apply(records, { word, within, ...pair }, dose) {
    const uniform = random(dose.seed)
    const { candidates, target } = labelPairOf(records, pair)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), uniform)
    const worded = rewritten(records, rows, (text) => insertWords(text, word, within, uniform))
    return mislabelled(worded, rows, { features: [word], ...target })
  },
}
export default attack
