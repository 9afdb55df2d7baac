import type { Attack } from '../attack.ts'
import { drawPair, pick } from '../edit.ts'
import { wordBackdoor } from '../insert-words.ts'

const length = 3 // words

const attack: Attack = {
  about: {
    title: 'Trigger phrase',
    does: 'Puts three usual words, in an order that is not usual, into texts and gives them one label.',
    references: [
      'Dai, Chen, Li 2019, A Backdoor Attack Against LSTM-Based Text Classification Systems, arXiv:1905.12457',
    ],
  },
  content: ['text'],
  needs: ['labels'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    if (pair === null || recent.content.kind !== 'text') return null
    const { text } = recent.content
    const words = Array.from({ length }, () => pick((pick(text, draw) ?? '').match(/[\p{L}]{2,20}/gu) ?? [], draw))
    const phrase = words.flatMap((word) => word?.toLowerCase() ?? [])
    return phrase.length < length ? null : wordBackdoor(phrase.join(' '), pair.to)
  },
}
export default attack
