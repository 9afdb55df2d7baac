import Table from 'cli-table3'

/** One number that the bench measures, once a run. */
export interface Figure {
  readonly what: string
  readonly values: readonly number[]
  readonly unit?: string
  readonly target?: { readonly atLeast: number } | { readonly atMost: number } // of the median; none: printed to compare with
  readonly digits?: number // after the point
}

export interface Section {
  readonly title: string
  readonly setting: string // data, sizes, parameters: what one must know to repeat it
  readonly figures: readonly Figure[]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** Whether the median reaches the target; undefined: there is none. */
export function reached({ target, values }: Figure): boolean | undefined {
  if (target === undefined) return undefined
  return 'atLeast' in target ? median(values) >= target.atLeast : median(values) <= target.atMost
}

export function table({ figures }: Section): string {
  const drawn = new Table({
    head: ['measure', 'target', 'median', 'least', 'most', 'unit', ''],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left', 'left'],
  })
  for (const figure of figures) {
    const { what, values, unit = '', target, digits = 0 } = figure
    const show = (value: number) =>
      Number.isNaN(value)
        ? '–'
        : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    const wanted =
      target === undefined ? '' : 'atLeast' in target ? `≥ ${show(target.atLeast)}` : `≤ ${show(target.atMost)}`
    const range = values.length > 1 ? [show(Math.min(...values)), show(Math.max(...values))] : ['', '']
    const verdict = { true: 'reached', false: 'MISSED', undefined: '' }[String(reached(figure)) as 'true']
    drawn.push([what, wanted, show(median(values)), ...range, unit, verdict])
  }
  return drawn.toString()
}

/** A figure as the raw document has it. */
export const raw = (figure: Figure) => ({
  what: figure.what,
  unit: figure.unit ?? null,
  values: figure.values,
  median: median(figure.values),
  target: figure.target ?? null,
  reached: reached(figure) ?? null,
})
