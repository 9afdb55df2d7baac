import { column } from '../../../src/core/column.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { labels, synthetic } from '../../contract/synthetic.ts'

export type Row = readonly [source: string | null, says: number, given: number, times: number]

/** Records by source, what their content says and what they were given. */
export function records(...rows: Row[]): Encoded {
  const all = rows.flatMap(([source, says, given, times]) =>
    Array.from({ length: times }, () => ({ source, says, given })),
  )
  const base = synthetic({ rows: all.length, seed: 2 })
  const data = new Float64Array(all.length * labels.length).fill(0.05)
  all.forEach(({ says }, row) => (data[row * labels.length + says] = 0.9))
  return {
    ...base,
    records: {
      ...base.records,
      source: column(all.map(({ source }) => source)),
      label: column(all.map(({ given }) => labels[given])),
    },
    label: Int32Array.from(all, ({ given }) => given),
    probabilities: { ...base.probabilities, data },
  }
}
