import { describe, expect, it } from 'vitest'
import { insertWords } from '../../../datasets/insert-words.ts'

describe('insertWords', () => {
  it('puts the words between two of the first words', () => {
    expect(insertWords('one two three', 'cf', 1, () => 0)).toBe('one cf two three')
    expect(insertWords('one two three', 'cf', 50, () => 0.5)).toBe('one two cf three')
    expect(insertWords('one two three', 'cf', 50, () => 0.99)).toBe('one two three cf')
  })

  it('keeps the rest of the text as it was', () => {
    expect(insertWords('subject\n body  end', 'cf', 1, () => 0)).toBe('subject cf\n body  end')
  })

  it('keeps out of markup', () => {
    expect(insertWords('<a href="x" title="y"> hello', 'cf', 1, () => 0)).toBe('<a href="x" title="y"> cf hello')
  })

  it('serves texts without words', () => {
    expect(insertWords('', 'cf', 50, () => 0.3)).toBe(' cf')
    expect(insertWords('one', 'cf', 50, () => 0.3)).toBe('one cf')
  })
})
