import type { Encoded } from '../../src/core/encoded.ts'
import { subjectKey, type Measurement, type Subject } from '../../src/core/measurement.ts'

/** The key that no two measurements of one batch share. */
export function keyOf(each: Measurement): string {
  return each.kind + (each.kind === 'scores' ? '' : subjectKey(each.subject))
}

export function sorted(measurements: readonly Measurement[]): Measurement[] {
  return measurements.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** The scores of a batch as they are in another order of it; other measurements know no order. */
export function permuted(measurement: Measurement, order: Int32Array): Measurement {
  if (measurement.kind !== 'scores') return measurement
  return { kind: 'scores', scores: Float64Array.from(order, (row) => measurement.scores[row] ?? NaN) }
}

export function numbersOf(each: Measurement): number[] {
  switch (each.kind) {
    case 'scores':
      return [...each.scores]
    case 'increment':
      return [...each.logE, each.records]
    case 'statistic':
      return [each.value, each.records]
    case 'level':
      return [each.logE, each.records]
    case 'insufficient':
      return [each.records, each.needed]
  }
}

/** The largest relative difference of two lists of measurements; infinite where they are not about the same. */
export function difference(some: readonly Measurement[], others: readonly Measurement[]): number {
  const [a, b] = [sorted(some), sorted(others)]
  if (a.map(keyOf).join('\n') !== b.map(keyOf).join('\n')) return Infinity
  const [x, y] = [a.flatMap(numbersOf), b.flatMap(numbersOf)]
  if (x.length !== y.length) return Infinity
  return x.reduce((most, value, i) => {
    const other = y[i] ?? NaN
    if (Number.isNaN(value) && Number.isNaN(other)) return most
    const apart = Math.abs(value - other) / Math.max(1, Math.abs(other))
    return Number.isNaN(apart) ? Infinity : Math.max(most, apart)
  }, 0)
}

/** Subjects that an alarm could be about: those measured, and for scores the stream, a source and a label. */
export function subjectsOf(measurements: readonly Measurement[]): Subject[] {
  const named = measurements.flatMap((each) => (each.kind === 'scores' ? [] : [each.subject])).slice(0, 20)
  return [{ kind: 'stream' }, { kind: 'source', name: 'source 1' }, { kind: 'label', name: 'spam' }, ...named]
}

/** Freezes objects and lists, all the way down; typed arrays can't be frozen. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const each of Object.values(value)) frozen(each)
  return value
}

/** Every typed array of encoded records, copied. */
export function copiesOf(encoded: Encoded) {
  const { records, vectors, features, label, probabilities, nearest } = encoded
  return [
    records.source.codes.slice(),
    records.label.codes.slice(),
    records.at.slice(),
    vectors.data.slice(),
    features.offsets.slice(),
    features.ids.slice(),
    label.slice(),
    probabilities.data.slice(),
    nearest.slice(),
  ]
}
