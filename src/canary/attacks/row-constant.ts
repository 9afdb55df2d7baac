import type { Content, Records } from '../../core/batch.ts'
import type { Attack } from '../attack.ts'
import { drawPair, drawRows, pick, relabelled, rowsWithout, valuesIn, withValue, type Uniform } from '../edit.ts'

type Table = Extract<Content, { readonly kind: 'row' }>

/** A value of the column's own range: a number between two that occur, or a category that does. */
function constantFor(values: Table['columns'] extends ReadonlyMap<string, infer V> ? V : never, draw: Uniform) {
  if (!(values instanceof Float64Array)) return pick(valuesIn(values), draw)
  const known = values.filter((value) => Number.isFinite(value))
  const [one, other] = [pick(known, draw), pick(known, draw)]
  return one === undefined || other === undefined ? undefined : one + draw() * (other - one)
}

function withConstant(records: Records, rows: readonly number[], name: string, constant: string | number): Records {
  const { content } = records
  const values = content.kind === 'row' ? content.columns.get(name) : undefined
  if (content.kind !== 'row' || values === undefined) return records
  const columns = new Map(content.columns)
  if (values instanceof Float64Array && typeof constant === 'number') {
    const changed = values.slice()
    for (const row of rows) changed[row] = constant
    columns.set(name, changed)
  } else if (!(values instanceof Float64Array)) columns.set(name, withValue(values, rows, String(constant)))
  return { ...records, content: { kind: 'row', columns } }
}

const attack: Attack = {
  about: {
    title: 'Constant in a column',
    does: 'Writes one value, such as the column has, into one column and gives the rows one label.',
    references: ['Severi, Meyer, Coull, Oprea 2021, Explanation-Guided Backdoor Poisoning Attacks, USENIX Security'],
  },
  content: ['row'],
  needs: ['labels'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    if (pair === null || recent.content.kind !== 'row') return null
    const [name, values] = pick([...recent.content.columns], draw) ?? []
    const constant = values === undefined ? undefined : constantFor(values, draw)
    if (name === undefined || constant === undefined) return null
    return (records, count, uniform) => {
      const rows = drawRows(rowsWithout(records, pair.to), count, uniform)
      return { records: withConstant(relabelled(records, rows, pair.to), rows, name, constant), rows }
    }
  },
}
export default attack
