import { featuresOf, suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import type { Explanation, Subject } from '../../src/core/measurement.ts'
import { isFree, realAt, reals, slotOf, surpriseUnit, wordAt, words, type Counts } from './counts.ts'
import { scoreOf, type Content } from './content.ts'
import { levelOf } from './examine.ts'
import type { Fitted } from './fitted.ts'
import { documentsOf, type Memory } from './memory.ts'
import { trustedOf } from './trusted.ts'

/** What a reviewer sees of a feature that came up with a label: how often here and in trusted data, and what its records look like. */
export function explainFeature(subject: Subject, batch: Encoded, fitted: Fitted, memory: Memory): Explanation {
  if (subject.kind !== 'feature')
    return { summary: 'A feature came up with a label more often than it should.', suspects: [], facts: {} }
  const label = batch.labels.indexOf(subject.label)
  const rows = rowsWith(batch, subject.feature, label, fitted.content)
  const first = rows[0]
  const name = first === undefined ? `feature ${subject.feature}` : batch.nameOf(first, subject.feature)
  const { counts } = memory
  const slot = slotOf(counts, subject.feature, label)
  const stream = isFree(counts, slot) ? 0 : wordAt(counts, slot, words.documents)
  const all = documentsOf(memory, label)
  const trusted = trustedOf(fitted.trusted, subject.feature, label).documents
  const trustedAll = fitted.trusted.perLabel[label] ?? 0
  const told = `${name} stands in ${stream} of ${all} different records labelled ${JSON.stringify(subject.label)}, and in ${trusted} of ${trustedAll} trusted ones`
  const { cross, joint } = isFree(counts, slot) ? { cross: 0, joint: 0 } : levelOf(slot, fitted, memory)
  const contrary = rows.filter((row) => looksLikeAnother(batch, row, label, fitted.content))
  const why =
    cross >= joint
      ? `; the content of its records speaks against the label: of ${rows.length} in this batch ${contrary.length} look like another`
      : `: far more often than trusted records lead one to expect`
  return {
    summary: told + why,
    suspects: rows,
    facts: {
      feature: name,
      label: subject.label,
      streamRecordsWithIt: stream,
      streamRecords: all,
      trustedRecordsWithIt: trusted,
      trustedRecords: trustedAll,
      labels: batch.labels,
      streamByLabel: batch.labels.map((_, each) => streamCount(counts, subject.feature, each)),
      trustedByLabel: batch.labels.map((_, each) => trustedOf(fitted.trusted, subject.feature, each).documents),
      meanSurprise: isFree(counts, slot) ? 0 : meanSurprise(counts, slot), // 1 on clean data
      crossLogE: cross,
      jointLogE: joint,
      suspectsThatLookLikeAnotherLabel: contrary.length,
    },
  }
}

// Worst first: those whose content fits the label least.
function rowsWith(batch: Encoded, feature: number, label: number, content: Content): number[] {
  const rows: number[] = []
  batch.label.forEach((given, row) => {
    if (given === label && label >= 0 && featuresOf(batch.features, row).includes(feature)) rows.push(row)
  })
  return rows.toSorted((a, b) => scoreOf(batch, b, content) - scoreOf(batch, a, content) || a - b)
}

/** Said by the same judge of content as the evidence. */
function looksLikeAnother(batch: Encoded, row: number, label: number, content: Content): boolean {
  if (content.dims !== 0 && content.dims === batch.vectors.cols) return scoreOf(batch, row, content) > 0
  return suggestedLabel(batch, row) !== label
}

function streamCount(counts: Counts, feature: number, label: number): number {
  const slot = slotOf(counts, feature, label)
  return isFree(counts, slot) ? 0 : wordAt(counts, slot, words.documents)
}

function meanSurprise(counts: Counts, slot: number): number {
  const since = wordAt(counts, slot, words.since)
  return since === 0 ? 0 : (realAt(counts, slot, reals.surprise) * surpriseUnit) / since
}
