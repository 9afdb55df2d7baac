import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { rewritten } from '../edit.ts'
import { insertWords } from '../insert-words.ts'
import { labelPair, labelPairOf, mislabelled } from '../label-pair.ts'

const params = z.strictObject({
  phrase: z
    .string()
    .min(1)
    .default('i watch this 3d movie')
    .describe('Harmless words that become the trigger together'),
  ...labelPair,
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
  apply(records, { phrase, within, ...pair }, dose) {
    const uniform = random(dose.seed)
    const { candidates, target } = labelPairOf(records, pair)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), uniform)
    const phrased = rewritten(records, rows, (text) => insertWords(text, phrase, within, uniform))
    return mislabelled(phrased, rows, { features: phrase.split(/\s+/), ...target })
  },
}
export default attack
