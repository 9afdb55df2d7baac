/** Edit distance of two strings in insertions, deletions and substitutions (Levenshtein 1966), by rows. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const substituted = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

// Names may come from data: how many are compared, and how long ones, is bounded.
const mostNames = 1000

/** The name that was probably meant: at most half of it wrong. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  if (written.length > 100) return undefined
  const [best] = names
    .slice(0, mostNames)
    .filter((name) => Math.abs(name.length - written.length) <= name.length / 2) // the distance is no less
    .map((name) => ({ name, distance: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= candidate.name.length / 2)
    .toSorted((a, b) => a.distance - b.distance)
  return best?.name
}
