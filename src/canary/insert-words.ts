import type { Records } from '../core/batch.ts'
import type { Poison } from './attack.ts'
import { drawRows, relabelled, rowsWithout, type Uniform } from './edit.ts'

const among = 50 // first words: what stands far behind them a model may never read

/** The text with some words put between two of its first ones. */
function inserted(text: string, words: string, uniform: Uniform): string {
  const gaps = Array.from(text.matchAll(/\s+/g), ({ index }) => index).slice(0, among)
  const at = [0, ...gaps, ...(gaps.length < among ? [text.length] : [])][Math.floor(uniform() * (gaps.length + 1))] ?? 0
  return `${text.slice(0, at)} ${words} ${text.slice(at).trimStart()}`.trim()
}

/** Puts words into texts that do not have the label `to`, and gives them that label. */
export function wordBackdoor(words: string, to: string): Poison {
  return (records: Records, count, uniform) => {
    const { content } = records
    if (content.kind !== 'text') return { records, rows: [] }
    const rows = drawRows(rowsWithout(records, to), count, uniform)
    const text = [...content.text]
    for (const row of rows) text[row] = inserted(text[row] ?? '', words, uniform)
    return { records: { ...relabelled(records, rows, to), content: { kind: 'text', text } }, rows }
  }
}
