import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import { valueAt } from '../src/core/column.ts'
import type { Detector } from '../src/core/detector.ts'
import type { Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement, Subject } from '../src/core/measurement.ts'
import { clopperPearsonUpper } from '../src/stats/clopper-pearson-upper.ts'
import { exceedanceLogE } from '../src/stats/exceedance-log-e.ts'

const params = z.strictObject({
  delta: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Chance that the bound of the rate of new labels lies below the true rate (probability)'),
})

interface Fitted {
  readonly bound: number // of the probability that a clean record has a label that no trusted record has
  readonly bets: readonly number[]
}

/** How many records carried each label that is not among the trusted ones. */
type Memory = ReadonlyMap<string, number>

// Each further name costs memory and budget; names beyond count for the whole stream.
const mostNames = 64
const longestName = 200
const mostSuspects = 20

/** Rows whose label is not among the trusted ones, and the number of rows that have a label at all. */
function novelRows({ records, label }: Encoded): { rows: number[]; labelled: number } {
  const rows: number[] = []
  let labelled = 0
  for (let row = 0; row < sizeOf(records); row++) {
    if ((records.label.codes[row] ?? -1) < 0) continue
    labelled++
    if ((label[row] ?? -1) < 0) rows.push(row)
  }
  return { rows, labelled }
}

/** The names counted most, of equal counts those that come first: whatever the order they were merged in. */
function bounded(counts: ReadonlyMap<string, number>): Memory {
  if (counts.size <= mostNames) return counts
  return new Map([...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, mostNames))
}

/**
 * Edits between two names: insertions, deletions, replacements and swaps of neighbouring characters, each character
 * edited at most once (optimal string alignment; F. Damerau, Communications of the ACM 7, 1964).
 */
function edits(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((row[j - 1] ?? 0) + 1, (old[j] ?? 0) + 1, (old[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (older[j - 2] ?? 0) + 1)
      row.push(best)
    }
    older = old
    old = row
  }
  return old[b.length] ?? 0
}

/** The trusted label that was probably meant: at most a third of its characters, and one where it is short, differ. */
function meant(name: string, labels: readonly string[]): string | undefined {
  const plain = (text: string) => text.slice(0, longestName).trim().toLowerCase()
  let best: string | undefined
  let fewest = Infinity
  for (const label of labels) {
    const distance = edits(plain(name), plain(label))
    if (distance < fewest && distance <= Math.max(1, Math.floor(plain(label).length / 3))) {
      best = label
      fewest = distance
    }
  }
  return best
}

function concerned(subject: Subject, batch: Encoded): number[] {
  const { rows } = novelRows(batch)
  return subject.kind === 'label' ? rows.filter((row) => valueAt(batch.records.label, row) === subject.name) : rows
}

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'Labels that nobody trusted',
    family: 'integrity',
    catches:
      'Labels that no trusted record has, once they come more often than their absence from the trusted records explains: misspelt labels, a class smuggled in, a producer that changed its labels.',
    misses:
      'A new label on single records now and then, and false labels that are among the trusted ones. A class that people added on purpose is reported too, until it is trusted.',
    references: [
      'Clopper & Pearson 1934, The use of confidence or fiducial limits, Biometrika 26',
      'Waudby-Smith & Ramdas 2024, Estimating means of bounded random variables by betting, JRSS B 86',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: true, trustedPerLabel: 1 },
  resample: null,
  params,
  fit(reference, { delta }) {
    const labelled = reference.label.reduce((count, label) => count + (label >= 0 ? 1 : 0), 0)
    if (labelled === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'novel-label knows no label, as no trusted record has one: name the field that holds the label',
      )
    }
    // No trusted record has a label that no trusted record has: 0 of n, so that the bound is 1 - delta^(1/n).
    const bound = clopperPearsonUpper(0, labelled, delta)
    // From half of what would go bankrupt on one clean record down to bets that stand thousands of them.
    return { bound, bets: [1, 4, 16, 64, 256, 1024].map((divisor) => 0.5 / bound / divisor) }
  },
  codec: {
    encode: ({ bound, bets }) => pack({ json: null, arrays: { numbers: Float64Array.of(bound, ...bets) } }),
    decode(bytes) {
      const numbers = z
        .array(z.number().positive())
        .min(2)
        .parse([...arrayOf(unpack(bytes), 'numbers', 'Float64Array')])
      return { bound: numbers[0] ?? 1, bets: numbers.slice(1) }
    },
  },
  memory: {
    empty: () => new Map(),
    merge(a, b) {
      const counts = new Map(a)
      for (const [name, count] of b) counts.set(name, (counts.get(name) ?? 0) + count)
      return bounded(counts)
    },
    codec: {
      encode: (memory) => pack({ json: [...memory.keys()], arrays: { counts: Float64Array.from(memory.values()) } }),
      decode(bytes) {
        const unpacked = unpack(bytes)
        const names = z.array(z.string().max(longestName)).max(mostNames).parse(unpacked.json)
        const counts = arrayOf(unpacked, 'counts', 'Float64Array', names.length)
        return new Map(names.map((name, i) => [name, z.number().min(1).parse(counts[i])]))
      },
    },
  },
  measure(batch, { bound, bets }, memory) {
    const { rows, labelled } = novelRows(batch)
    if (labelled === 0) return { measurements: [], memory }
    const seen = new Map<string, number>()
    for (const row of rows) {
      const name = valueAt(batch.records.label, row) ?? ''
      if (name.length <= longestName) seen.set(name, (seen.get(name) ?? 0) + 1)
    }
    // A name that is followed once is followed in every later batch, so that clean records count in its favour. Names
    // that do not fit are never followed. Sorted, so that the order of a batch's rows decides nothing.
    const counts = new Map(memory)
    for (const [name, count] of [...seen].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))) {
      if (counts.has(name) || counts.size < mostNames) counts.set(name, (counts.get(name) ?? 0) + count)
    }
    const increment = (subject: Subject, hits: number): Measurement => ({
      kind: 'increment',
      subject,
      logE: exceedanceLogE(hits, labelled, bound, bets),
      records: labelled,
    })
    return {
      measurements: [
        increment({ kind: 'stream' }, rows.length),
        // that one name comes is no more probable than that any new name does: the same bound holds
        ...[...counts.keys()].map((name) => increment({ kind: 'label', name }, seen.get(name) ?? 0)),
      ],
      memory: counts,
    }
  },
  explain(subject, batch, { bound }, memory) {
    const rows = concerned(subject, batch)
    const names = new Map<string, number>()
    for (const row of rows) {
      const name = valueAt(batch.records.label, row) ?? ''
      names.set(name, (names.get(name) ?? 0) + 1)
    }
    const [first] = [...names].toSorted(([, a], [, b]) => b - a)
    const name = subject.kind === 'label' ? subject.name : (first?.[0] ?? '')
    const label = meant(name, batch.labels)
    const shown = JSON.stringify(name.slice(0, longestName))
    return {
      summary:
        rows.length === 0
          ? `Earlier batches carried labels that no trusted record has; this one carries none.`
          : `${rows.length} records carry a label that no trusted record has, ${shown}${
              names.size > 1 ? ` and ${names.size - 1} more` : ''
            }${label === undefined ? '' : `: was ${JSON.stringify(label)} meant`}${label === undefined ? '.' : '?'}`,
      suspects: rows.slice(0, mostSuspects),
      facts: {
        label: name.slice(0, longestName),
        records: rows.length,
        recordsSoFar: memory.get(name) ?? rows.length,
        rateBound: bound,
        ...(label === undefined ? {} : { didYouMean: label }),
        trustedLabels: batch.labels.slice(0, mostSuspects),
      },
    }
  },
  proof: [],
}
export default detector
