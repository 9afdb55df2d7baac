import { select, sizeOf, type Batch, type Rejected } from '../core/batch.ts'
import { valueAt } from '../core/column.ts'
import { hash32 } from '../core/hash.ts'

export interface Rules {
  readonly sources?: readonly string[] // the only sources that may deliver; absent: any may
  readonly uniqueIds?: boolean // whether a repeated id is a fault; it is counted either way
}

export interface Verified {
  readonly batch: Batch // without the records that broke a rule, which are among its `rejected`
  readonly repeatedIds: number // records whose id came before, within what `seen` remembers
}

/** Holds a batch's records against the pipeline's rules. `seen` is added to. */
export function verify(batch: Batch, rules: Rules, seen: Seen): Verified {
  const allowed = rules.sources === undefined ? undefined : new Set(rules.sources)
  const broken: Rejected[] = []
  const kept: number[] = []
  let repeatedIds = 0
  for (let i = 0; i < sizeOf(batch); i++) {
    const id = batch.id[i] ?? ''
    const repeated = seen.add(id)
    if (repeated) repeatedIds++
    const source = valueAt(batch.source, i)
    const place = { message: batch.messageOf[i] ?? 0, row: batch.rowOf[i] ?? 0 }
    if (allowed !== undefined && (source === undefined || !allowed.has(source)))
      broken.push({ ...place, code: 'SOURCE_NOT_ALLOWED', reason: notAllowed(source) })
    else if (repeated && rules.uniqueIds === true)
      broken.push({
        ...place,
        code: 'ID_REPEATED',
        reason: `the id ${JSON.stringify(id)} came before; ids must be unique`,
      })
    else kept.push(i)
  }
  if (broken.length === 0) return { batch, repeatedIds }
  const rejected = [...batch.rejected, ...broken].toSorted((a, b) => a.message - b.message || a.row - b.row)
  const messageOf = Int32Array.from(kept, (i) => batch.messageOf[i] ?? 0)
  const rowOf = Int32Array.from(kept, (i) => batch.rowOf[i] ?? 0)
  return { batch: { ...batch, ...select(batch, kept), messageOf, rowOf, rejected }, repeatedIds }
}

function notAllowed(source: string | undefined): string {
  if (source === undefined) return 'the record names no source, and only named sources are allowed'
  return `the source ${JSON.stringify(source)} is not among the allowed sources`
}

/** Ids that came before. */
export interface Seen {
  /** Remembers an id, and says whether it was known. */
  add(id: string): boolean
  /** All that it remembers, 8 bytes an id. */
  snapshot(): Uint8Array
}

/**
 * Remembers at least the last `capacity` ids, at most twice as many, in 32 bytes a piece whatever their length: ids are
 * known by a 64-bit hash. Two different ids among a million share one with a probability of about 3e-8.
 * With a snapshot it goes on as the one that was taken from would have.
 */
export function createSeen(capacity = 2 ** 19, snapshot?: Uint8Array): Seen {
  let current = hashSet(capacity)
  let previous = hashSet(capacity)
  if (snapshot !== undefined) {
    const pairs = new Uint32Array(snapshot.slice().buffer)
    const older = pairs[0] ?? 0
    for (let i = 2; i < pairs.length; i += 2)
      (i / 2 <= older ? previous : current).add(pairs[i] ?? 0, pairs[i + 1] ?? 0)
  }
  return {
    add(id) {
      const high = hash32(id, 0x7a57e4)
      const low = hash32(id, 0x1d5eed) || 1 // 0 marks a free slot
      if (current.has(high, low)) return true
      const known = previous.has(high, low)
      if (current.size() >= capacity) {
        previous = current
        current = hashSet(capacity)
      }
      current.add(high, low)
      return known
    },
    snapshot() {
      const pairs = new Uint32Array(2 + 2 * (previous.size() + current.size()))
      pairs[0] = previous.size()
      previous.copy(pairs, 2)
      current.copy(pairs, 2 + 2 * previous.size())
      return new Uint8Array(pairs.buffer)
    },
  }
}

/** Open addressing with linear probing, at most half full. */
function hashSet(capacity: number) {
  const slots = 2 ** Math.ceil(Math.log2(capacity * 2))
  const highs = new Uint32Array(slots)
  const lows = new Uint32Array(slots)
  let size = 0
  const slotOf = (high: number, low: number): number => {
    let slot = (high ^ low) & (slots - 1)
    while (lows[slot] !== 0 && (highs[slot] !== high || lows[slot] !== low)) slot = (slot + 1) & (slots - 1)
    return slot
  }
  return {
    size: () => size,
    has: (high: number, low: number): boolean => lows[slotOf(high, low)] === low,
    add(high: number, low: number): void {
      const slot = slotOf(high, low)
      highs[slot] = high
      lows[slot] = low
      size++
    },
    /** Writes the members as (high, low) into `pairs` from place `at` on. */
    copy(pairs: Uint32Array, at: number): void {
      let to = at
      for (let slot = 0; slot < slots; slot++) {
        if (lows[slot] === 0) continue
        pairs[to++] = highs[slot] ?? 0
        pairs[to++] = lows[slot] ?? 0
      }
    },
  }
}
