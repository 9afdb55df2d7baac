export interface Lag {
  /** Takes in where the partition ended at a moment. */
  ends(at: bigint): void
  /** Records behind `at`, and how long ago the first of them could have been read. */
  behind(at: bigint): { readonly records: bigint; readonly seconds: number }
}

const everyMs = 1000
const mostSamples = 3600

/**
 * How far a reader is behind. Seconds are counted on our own clock, from when the partition's end was first seen beyond
 * the reader: timestamps of messages are whatever their producers say, and those of a replayed stream are years old.
 */
export function openLag(now: () => number = Date.now): Lag {
  let samples: { readonly since: number; end: bigint }[] = []
  return {
    ends(end) {
      const last = samples.at(-1)
      if (last !== undefined && (last.end === end || now() - last.since < everyMs)) last.end = end
      else samples.push({ since: now(), end })
      if (samples.length > mostSamples) samples = samples.filter((_, i) => i % 2 === 0)
    },
    behind(at) {
      const end = samples.at(-1)?.end ?? at
      samples = samples.filter((sample) => sample.end > at)
      const first = samples[0]
      if (first === undefined) return { records: 0n, seconds: 0 }
      return { records: end - at, seconds: (now() - first.since) / 1000 }
    },
  }
}
