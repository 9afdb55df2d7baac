import Table from 'cli-table3'

/** One number that a bench measures, once a seed. */
export interface Figure {
  readonly what: string
  readonly values: readonly number[]
  readonly target?: { readonly atLeast: number } | { readonly atMost: number } // none: printed to compare with
  readonly show?: (value: number) => string
}

export interface Section {
  readonly title: string
  readonly setting: string // data, sizes, parameters: what one must know to repeat it
  readonly figures: readonly Figure[]
}

export interface BenchOptions {
  readonly seeds: readonly number[]
  readonly quick: boolean
  readonly note: (line: string) => void // progress, for whoever waits
}

/** A bench is the value `bench` of a file of its own; main.ts lists them. */
export interface Bench {
  readonly about: string
  run(options: BenchOptions): Promise<readonly Section[]>
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The value of the seed that did worst: what a target is held against. */
export function worst({ values, target }: Figure): number {
  return target !== undefined && 'atMost' in target ? Math.max(...values) : Math.min(...values)
}

/**
 * A target is reached when the mean over seeds reaches it; the worst seed is printed beside it. Undefined: no target.
 */
export function reached(figure: Figure): boolean | undefined {
  const { target, values } = figure
  if (target === undefined) return undefined
  return 'atLeast' in target ? mean(values) >= target.atLeast : mean(values) <= target.atMost
}

const decimals = (value: number): string => value.toFixed(3)

function targetOf({ target, show = decimals }: Figure): string {
  if (target === undefined) return ''
  return 'atLeast' in target ? `≥ ${show(target.atLeast)}` : `≤ ${show(target.atMost)}`
}

export function table({ figures }: Section): string {
  const drawn = new Table({
    head: ['measure', 'target', 'mean', 'worst seed', ''],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'left'],
  })
  for (const figure of figures) {
    const { show = decimals } = figure
    const verdict = { true: 'reached', false: 'MISSED', undefined: '' }[String(reached(figure)) as 'true']
    drawn.push([figure.what, targetOf(figure), show(mean(figure.values)), show(worst(figure)), verdict])
  }
  return drawn.toString()
}
