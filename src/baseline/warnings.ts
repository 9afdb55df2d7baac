import { sizeOf, type Content, type Records } from '../core/batch.ts'
import { valueAt } from '../core/column.ts'
import type { Matrix } from '../core/matrix.ts'
import type { Realised } from './manifest.ts'

import { listed } from './listed.ts'
import { rowsByGroup, type Split } from './split.ts'

/** Records of a label from which flips of 1 to 2 % show; with fewer the confidence bound hides them. */
const plenty = 2000

const quoted = (name: string) => JSON.stringify(name)
const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`

/** How many trusted records have a content that another one has too. */
export function duplicatesIn(split: Split): number {
  return rowsByGroup(split.group).reduce((sum, { length }) => sum + (length > 1 ? length : 0), 0)
}

/** What people should know about the trusted data itself, in plain words. */
export function trustedWarnings(records: Records, split: Split): string[] {
  return [
    ...labelWarnings(records),
    ...sourceWarnings(records),
    ...duplicateWarnings(records, split),
    ...columnWarnings(records.content),
  ]
}

function labelWarnings({ label, id }: Records): string[] {
  const warnings: string[] = []
  const counts = new Map<string, number>()
  let unlabelled = 0
  for (let row = 0; row < id.length; row++) {
    const name = valueAt(label, row)
    if (name === undefined) unlabelled++
    else counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  if (counts.size === 0) return ['no trusted record has a label: nothing that concerns labels is tested']
  if (unlabelled > 0) {
    warnings.push(`${unlabelled} of ${id.length} trusted records have no label: they serve no test of labels`)
  }
  if (counts.size === 1) warnings.push(`all labels are ${quoted([...counts.keys()][0] ?? '')}: no label can disagree`)
  const few = [...counts].filter(([, count]) => count < plenty).toSorted(([, a], [, b]) => a - b)
  if (few.length > 0) {
    const names = few.map(([name, count]) => `${quoted(name)} (${count})`)
    warnings.push(
      `fewer than ${plenty} trusted records of ${listed(names)}: with ${plenty} and more, flips of 1 to 2 % become visible`,
    )
  }
  if (new Set(id).size < id.length) {
    warnings.push(`${id.length - new Set(id).size} trusted records have an id that another one has`)
  }
  return warnings
}

function sourceWarnings(records: Records): string[] {
  const { source, label } = records
  const rows = sizeOf(records)
  const unnamed = source.codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0)
  if (unnamed === rows) return ['no trusted record names its source: sources cannot be tested']
  const sourcesOf = new Map<string, Set<number>>()
  for (let row = 0; row < rows; row++) {
    const name = valueAt(label, row)
    const code = source.codes[row] ?? -1
    if (name === undefined || code < 0) continue
    let sources = sourcesOf.get(name)
    if (sources === undefined) sourcesOf.set(name, (sources = new Set()))
    sources.add(code)
  }
  const known = new Set(source.codes.filter((code) => code >= 0)).size
  const confined = [...sourcesOf].filter(([, sources]) => sources.size === 1)
  const names = confined.map(
    ([name, sources]) => `${quoted(name)} (only ${quoted(source.values[[...sources][0] ?? -1] ?? '')})`,
  )
  return [
    ...(unnamed > 0 ? [`${unnamed} of ${rows} trusted records name no source: they serve no test of sources`] : []),
    ...(known > 1 && confined.length > 0
      ? [`labels that come from one source each: ${listed(names)}: a new source of such a label looks strange`]
      : []),
  ]
}

function duplicateWarnings(records: Records, split: Split): string[] {
  const rows = sizeOf(records)
  const duplicates = duplicatesIn(split)
  const contradicting = rowsByGroup(split.group).filter(
    (members) => new Set(members.map((row) => records.label.codes[row] ?? -1)).size > 1,
  )
  const largest = rowsByGroup(split.group).reduce((most, { length }) => Math.max(most, length), 0)
  return [
    ...(duplicates >= 0.05 * rows
      ? [
          `${percent(duplicates / rows)} of trusted records repeat another's content (${largest} times at most)${
            duplicates > rows / 2 ? ': copies stay in one part of the split, so that calibration is cautious' : ''
          }`,
        ]
      : []),
    ...(largest > 0.1 * rows
      ? [`one content makes up ${percent(largest / rows)} of the trusted records: the split keeps it in one part`]
      : []),
    ...(contradicting.length > 0
      ? [`${contradicting.length} contents have different labels in different trusted records`]
      : []),
  ]
}

function columnWarnings(content: Content): string[] {
  if (content.kind !== 'row') return []
  const constant: string[] = []
  const missing: string[] = []
  for (const [name, values] of content.columns) {
    const seen = values instanceof Float64Array ? values : values.codes
    const present =
      values instanceof Float64Array ? values.filter((v) => !Number.isNaN(v)) : values.codes.filter((c) => c >= 0)
    if (present.every((value) => value === present[0])) constant.push(quoted(name))
    else if (present.length < seen.length / 2) missing.push(quoted(name))
  }
  return [
    ...(constant.length > 0 ? [`columns with one value only: ${listed(constant)}: they carry nothing`] : []),
    ...(missing.length > 0 ? [`columns that are missing in more than half of the records: ${listed(missing)}`] : []),
  ]
}

/** Dimensions of the vectors that never vary carry nothing. Those of rows are told by column. */
export function constantDimensions(kind: Content['kind'], { rows, cols, data }: Matrix): string[] {
  if (kind === 'row') return []
  let constant = 0
  for (let j = 0; j < cols; j++) {
    let varies = false
    for (let row = 1; row < rows && !varies; row++) varies = data[row * cols + j] !== data[j]
    if (!varies) constant++
  }
  return constant === 0 ? [] : [`${constant} of the encoder's ${cols} dimensions are constant: they carry nothing`]
}

/** What the validation split cannot promise, and where it contradicts. */
export function rateWarnings(detectors: readonly { readonly name: string; readonly realised: readonly Realised[] }[]) {
  const loose: string[] = []
  const warnings: string[] = []
  for (const { name, realised } of detectors) {
    for (const { alpha, unit, alarms, trials, lower, upper } of realised) {
      if (trials === 0 && alpha === 0.01) warnings.push(`${name}: too few validation records for a single trial`)
      else if (lower > alpha) {
        warnings.push(
          `${name} alarms too often on validation data: ${alarms} of ${trials} ${unit} at α = ${alpha}; trusted records may depend on each other, or drift`,
        )
      } else if (alpha === 0.01 && upper > 2 * alpha)
        loose.push(`${name} (${trials} ${unit}: at most ${percent(upper)})`)
    }
  }
  if (loose.length > 0) {
    warnings.push(
      `validation data are too few to bound false alarms at α = .01 by 2 %: ${listed(loose, 10)}; 183 trials without an alarm do`,
    )
  }
  return warnings
}
