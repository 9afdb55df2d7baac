const mostLength = 900

/** Ascending rows as ranges, `0-3,7,9-12`; where there are more than fit, … stands for the rest. */
export function rowsText(rows: readonly number[]): string {
  let text = ''
  for (let i = 0; i < rows.length;) {
    const from = rows[i] ?? 0
    let to = from
    while (rows[++i] === to + 1) to++
    const range = from === to ? String(from) : `${from}-${to}`
    if (text.length + range.length > mostLength) return `${text},…`
    text += text === '' ? range : `,${range}`
  }
  return text
}
