export interface Lag {
  /** Takes in where the partition ended at a moment. */
  ends(at: bigint): void
  /** Takes in where the reader stands. */
  reached(at: bigint): void
  /** Records behind the reader, and how long ago the first of them could have been read. Null before either is known. */
  behind(): { readonly records: bigint; readonly seconds: number } | null
}

const everyMs = 1000
const mostSamples = 3600

/**
 * How far a reader is behind. Seconds are counted on our own clock, from when the partition's end was first seen beyond
 * the reader: timestamps of messages are whatever their producers say, and those of a replayed stream are years old.
 */
export function openLag(now: () => number = Date.now): Lag {
  let samples: { readonly since: number; end: bigint }[] = []
  let end: bigint | null = null
  let position: bigint | null = null
  return {
    ends(at) {
      end = at
      const last = samples.at(-1)
      if (last !== undefined && (last.end === at || now() - last.since < everyMs)) last.end = at
      else samples.push({ since: now(), end: at })
      if (samples.length > mostSamples) samples = samples.filter((_, i) => i % 2 === 0)
    },
    reached(at) {
      position = at
      samples = samples.filter((sample) => sample.end > at)
    },
    behind() {
      if (end === null || position === null) return null
      const [first] = samples
      if (first === undefined || end <= position) return { records: 0n, seconds: 0 }
      return { records: end - position, seconds: (now() - first.since) / 1000 }
    },
  }
}
