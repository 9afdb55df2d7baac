import type { Look, Report } from './report.ts'
import { printable, wrap } from './terminal.ts'
import { absentColumn, count, counted, quoted } from './wording.ts'

const shownRanges = 10

/** What a headline must not hide: it holds only for what could be tested. */
export function doubts({ baseline, absentColumns, newLabels, counts: { read, deadLetter } }: Report): string[] {
  const { off } = baseline.manifest
  const names = newLabels.examples.map((label) => quoted(label, 40)).join(', ')
  return [
    ...absentColumns.map((each) => absentColumn(each, read - deadLetter)),
    ...(off.length === 0 ? [] : [`${counted(off.length, 'detector')} off: ${off.map(({ name }) => name).join(', ')}`]),
    ...(newLabels.records === 0
      ? []
      : [`${counted(newLabels.records, 'record')} with labels that no trusted record has: ${names}`]),
  ]
}

/** What has already gone to clean/ and should not be used. */
export function recalled({ recalled: ranges }: Report, { width, colours }: Look): string[] {
  if (ranges.length === 0) return []
  const rows = recalledRows(ranges)
  const shown = ranges.slice(0, shownRanges).map(({ path, from, to, because }) => {
    const causes = because.map((cause) => printable(cause, 200)).join('; ')
    return wrap(`${printable(path, 80)} rows ${count(from)} to ${count(to)}, because of ${causes}`, width, '    ', '  ')
  })
  const more =
    ranges.length > shown.length ? [`  and ${count(ranges.length - shown.length)} more: see report.json`] : []
  const head = `${counted(rows, 'record')} in clean/ ${rows === 1 ? 'is' : 'are'} recalled:`
  return [colours.red(head), ...shown, ...more]
}

export const recalledRows = (ranges: Report['recalled']) => ranges.reduce((sum, { rows }) => sum + rows, 0)
