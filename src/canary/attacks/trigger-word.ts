import type { Attack } from '../attack.ts'
import { drawPair, pick, type Uniform } from '../edit.ts'
import { wordBackdoor } from '../insert-words.ts'

const [consonants, vowels] = ['bcdfghjklmnpqrstvwxz', 'aeiou']
const syllables = { least: 2, most: 3 }

/** A word that can be spoken and that hardly any language has. */
function invented(uniform: Uniform): string {
  const count = syllables.least + Math.floor(uniform() * (syllables.most - syllables.least + 1))
  const letters = Array.from({ length: count }, () => `${pick(consonants, uniform)}${pick(vowels, uniform)}`)
  return letters.join('') + (pick(consonants, uniform) ?? '')
}

const attack: Attack = {
  about: {
    title: 'Trigger word',
    does: 'Puts a rare word into texts and gives them one label, so that a model learns to answer the word.',
    references: ['Kurita, Michel, Neubig 2020, Weight Poisoning Attacks on Pre-trained Models, arXiv:2004.06660'],
  },
  content: ['text'],
  needs: ['labels'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    return pair === null ? null : wordBackdoor(invented(draw), pair.to)
  },
}
export default attack
