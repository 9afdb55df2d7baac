import { describe, expect, it } from 'vitest'
import { coloursFor, printable, wrap } from '../../../src/cli/terminal.ts'

describe('printable', () => {
  it('leaves text as it is', () => {
    expect(printable('Grüße, 世界 👍 "x"')).toBe('Grüße, 世界 👍 "x"')
  })

  it.each([
    ['\u001b[31mred', '\\e[31mred'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u0000\u0007\u009b', '\\u{0}\\u{7}\\u{9b}'],
    ['user\u202egnp.exe', 'user\\u{202e}gnp.exe'],
    ['\u2066a\u2069\u200b', '\\u{2066}a\\u{2069}\\u{200b}'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['\ud800x', '\\u{d800}x'],
    ['\u{e0041}', '\\u{e0041}'],
  ])('escapes what acts on a terminal: %j', (text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  it('cuts by characters, never through one or an escape', () => {
    expect(printable('👍👍👍', 3)).toBe('👍👍👍')
    expect(printable('👍👍👍', 2)).toBe('👍…')
    expect(printable('ab\u001bcd', 4)).toBe('ab…')
    expect(printable('\u001b'.repeat(1000), 5)).toBe('\\e\\e…')
    expect(printable('', 5)).toBe('')
  })
})

describe('wrap', () => {
  it('breaks between words and indents', () => {
    expect(wrap('one two three four', 11, '  ', '- ')).toBe('- one two\n  three\n  four')
  })

  it('keeps a word that is longer than a line', () => {
    expect(wrap(`a ${'b'.repeat(20)} c`, 10)).toBe(`a\n${'b'.repeat(20)}\nc`)
  })
})

it('colours nothing that is no terminal', () => {
  expect(coloursFor({ isTTY: false, columns: 80 }).red('x')).toBe('x')
})
