import type { Encoded } from '../../src/core/encoded.ts'
import type { Explanation, Subject } from '../../src/core/measurement.ts'
import { numbersOf } from './looks.ts'
import { placesOf, type Memory } from './memory.ts'
import { rivalsOf, squaredDistance } from './profile.ts'
import type { Fitted } from './trusted.ts'
import { whitened } from './whitening.ts'

const mostSuspects = 20

/** Whom the records resemble, by how much, and which of this batch do so most. */
export function explained(subject: Subject, batch: Encoded, fitted: Fitted, memory: Memory): Explanation {
  const { looks, factors, profiles, dims } = fitted
  const place = subject.kind === 'source' ? profiles.findIndex(({ name }) => name === subject.name) : -1
  const own = profiles[place]
  const count = memory.recent[place] ?? 0
  if (own === undefined || count === 0 || batch.vectors.cols !== dims) {
    return { summary: 'Nothing of this source is remembered.', suspects: [], facts: {} }
  }
  const { cols } = memory
  const sum = memory.recentSums.slice(place * cols, (place + 1) * cols)
  const mean = whitened(
    sum.map((total) => total / count),
    looks,
    factors,
  )
  const [nearest] = rivalsOf(own, profiles)
    .map((rival) => ({ rival, squared: squaredDistance(mean, rival.mean) }))
    .toSorted((a, b) => a.squared - b.squared)
  const name = JSON.stringify(own.name)
  if (nearest === undefined) {
    return { summary: `No other source is unlike source ${name} enough to be told from it.`, suspects: [], facts: {} }
  }
  const like =
    nearest.rival.name === null ? 'the sources that send little' : `source ${JSON.stringify(nearest.rival.name)}`
  const [distance, other] = [Math.sqrt(squaredDistance(mean, own.mean)), Math.sqrt(nearest.squared)]

  const places = placesOf(batch, fitted)
  const x = new Float64Array(cols)
  const closer = new Map<number, number>() // by row: how much nearer to the other source than to its own
  for (const [row, at] of places.entries()) {
    if (at !== place) continue
    numbersOf(batch, row, x)
    const white = whitened(x, looks, factors)
    closer.set(row, squaredDistance(white, own.mean) - squaredDistance(white, nearest.rival.mean))
  }
  const suspects = [...closer.keys()]
    .toSorted((a, b) => (closer.get(b) ?? 0) - (closer.get(a) ?? 0) || a - b)
    .slice(0, mostSuspects)
  return {
    summary: `The last ${Math.round(count)} records under the name of source ${name} are not like its own: they lie ${distance.toFixed(2)} standard deviations from its trusted ones and ${other.toFixed(2)} from those of ${like}.`,
    suspects,
    facts: {
      source: own.name ?? '',
      records: Math.round(count),
      trustedRecords: own.records,
      distance,
      nearest: nearest.rival.name ?? '',
      nearestDistance: other,
      suspectsNearer: suspects.map((row) => closer.get(row) ?? 0),
    },
  }
}
