import { createHash } from 'node:crypto'
import { sizeOf, type Content, type Records } from '../core/batch.ts'
import { rowOf } from '../core/matrix.ts'
import { permutation, random } from '../stats/random.ts'

/** Where in a stratum's random order each part ends: 50 % reference, 30 % calibration, 20 % validation. */
const ends = { reference: 0.5, calibration: 0.8 } as const

export interface Split {
  /** Rows of the trusted records, ascending; every row is in exactly one part. */
  readonly reference: Int32Array
  readonly calibration: Int32Array
  readonly validation: Int32Array
  /** Group of each trusted record: records of one group have the same content. */
  readonly group: Int32Array
}

/**
 * Splits trusted records at random, stratified by label. Records with the same content stay together: a copy of a
 * reference record among the calibration records would make these look easier than what arrives on a stream.
 * The split is random over the whole trusted period, not by time: the last part of the period as calibration would
 * carry the drift between the parts into every threshold.
 */
export function splitTrusted(records: Records, seed: number): Split {
  const group = contentGroups(records.content, sizeOf(records))
  const rows = rowsByGroup(group)
  const strata = new Map<number, Int32Array[]>()
  for (const members of rows) {
    const label = mostFrequent(members, records.label.codes)
    const stratum = strata.get(label)
    if (stratum === undefined) strata.set(label, [members])
    else stratum.push(members)
  }
  const uniform = random(seed)
  const parts = { reference: [] as number[], calibration: [] as number[], validation: [] as number[] }
  for (const stratum of strata.values()) {
    const total = stratum.reduce((sum, members) => sum + members.length, 0)
    let before = 0
    for (const at of permutation(stratum.length, uniform)) {
      const members = stratum[at] ?? new Int32Array()
      // by the middle of the group, so that a large group goes where most of it falls
      const middle = (before + members.length / 2) / total
      const part = middle <= ends.reference ? 'reference' : middle <= ends.calibration ? 'calibration' : 'validation'
      for (const row of members) parts[part].push(row)
      before += members.length
    }
  }
  return {
    reference: Int32Array.from(parts.reference).toSorted(),
    calibration: Int32Array.from(parts.calibration).toSorted(),
    validation: Int32Array.from(parts.validation).toSorted(),
    group,
  }
}

/** The rows of each group, in order of appearance. */
export function rowsByGroup(group: Int32Array): readonly Int32Array[] {
  const rows: number[][] = []
  group.forEach((of, row) => (rows[of] ??= []).push(row))
  return rows.map((members) => Int32Array.from(members))
}

/** The most frequent code among rows; of equally frequent ones the first. */
export function mostFrequent(rows: ArrayLike<number>, codes: Int32Array): number {
  const counts = new Map<number, number>()
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i] ?? 0] ?? -1
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  let best = -1
  for (const [code, count] of counts) if (count > (counts.get(best) ?? 0)) best = code
  return best
}

/**
 * Numbers contents 0, 1, … by first appearance; equal contents get equal numbers. Texts are equal when they are so in
 * lower case with runs of white space collapsed, other contents when their values are.
 */
function contentGroups(content: Content, rows: number): Int32Array {
  const numbers = new Map<string, number>()
  const keyOf = contentKey(content)
  return Int32Array.from({ length: rows }, (_, row) => {
    const key = keyOf(row)
    let number = numbers.get(key)
    if (number === undefined) numbers.set(key, (number = numbers.size))
    return number
  })
}

function contentKey(content: Content): (row: number) => string {
  switch (content.kind) {
    case 'text':
      return (row) => digest((content.text[row] ?? '').toLowerCase().replaceAll(/\s+/g, ' ').trim())
    case 'image': {
      const size = content.height * content.width * content.channels
      return (row) => digest(content.pixels.subarray(row * size, (row + 1) * size))
    }
    case 'vector':
      return (row) => digest(bytesOf(rowOf(content.vectors, row)))
    case 'row': {
      const columns = [...content.columns.values()]
      return (row) =>
        digest(
          JSON.stringify(
            columns.map((values) =>
              // NaN, a missing number, would become null, a missing category: they are in different columns
              values instanceof Float64Array ? (values[row] ?? NaN) : (values.values[values.codes[row] ?? -1] ?? null),
            ),
          ),
        )
    }
  }
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function digest(of: string | Uint8Array): string {
  return createHash('sha256').update(of).digest('base64')
}
