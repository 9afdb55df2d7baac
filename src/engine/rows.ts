import { featuresOf, suggestedLabel, type Encoded } from '../core/encoded.ts'
import type { Subject } from '../core/measurement.ts'
import { valueAt } from '../core/column.ts'

/** The rows of a batch that an alarm about this subject concerns. */
export function rowsOf(subject: Subject, encoded: Encoded): number[] {
  const { source, label } = encoded.records
  const rows = Array.from(source.codes, (_, row) => row)
  switch (subject.kind) {
    case 'stream':
      return rows
    case 'source':
      return rows.filter((row) => valueAt(source, row) === subject.name)
    case 'label':
      return rows.filter((row) => valueAt(label, row) === subject.name)
    case 'pair':
      return rows.filter(
        (row) =>
          (valueAt(source, row) ?? '') === subject.source && // records without a source are tested together
          valueAt(label, row) === subject.to &&
          encoded.labels[suggestedLabel(encoded, row)] === subject.from,
      )
    case 'feature':
      return rows.filter(
        (row) =>
          featuresOf(encoded.features, row).includes(subject.feature) &&
          (subject.label === '' || valueAt(label, row) === subject.label),
      )
  }
}
