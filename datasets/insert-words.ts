/**
 * The text with `words` put between two of its first words (after the last where it has only one), never inside markup, where no
 * reader would see them.
 */
export function insertWords(text: string, words: string, within: number, uniform: () => number): string {
  const gaps: number[] = []
  for (const { index } of text.matchAll(/(?<=\S)(?:\s|$)/g)) {
    if (gaps.length === within) break
    if (text.lastIndexOf('<', index - 1) <= text.lastIndexOf('>', index - 1)) gaps.push(index)
  }
  const at = gaps[Math.floor(uniform() * gaps.length)] ?? text.length
  return `${text.slice(0, at)} ${words}${text.slice(at)}`
}
