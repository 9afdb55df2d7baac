const named: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' }

// Controls, format characters (bidirectional overrides among them), halves of surrogate pairs, private and unassigned
// characters, line and paragraph separators: whatever moves the cursor, hides text or reorders it.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u

/**
 * Text from data as it may stand on a terminal or in a header: one line, nothing in it acts, at most `max` characters
 * (code points), the last of them … where some are left out.
 */
export function printable(text: string, max = 200): string {
  let whole = ''
  let fitting = '' // what fits with a … behind it
  let length = 0
  for (const character of text) {
    const safe = !unprintable.test(character)
    const code = character.codePointAt(0) ?? 0
    const piece = safe ? character : (named[character] ?? `\\u{${code.toString(16)}}`)
    length += safe ? 1 : piece.length
    if (length > max) return `${fitting}…`
    whole += piece
    if (length < max) fitting = whole
  }
  return whole
}
