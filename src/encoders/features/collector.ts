import type { Features } from '../../core/encoded.ts'

export interface Collector {
  /** Adds a row of the first `count` of these features; one that comes again is not added again. */
  readonly addRow: (features: Uint32Array, count: number) => void
  readonly features: () => Features
}

/**
 * Gathers rows of distinct features, in order of first occurrence. Memory is bounded by what is added; where it is known
 * how many there can be, `most`, nothing is copied as they get more.
 */
export function createCollector(rows: number, most: number = rows * 64): Collector {
  const offsets = new Int32Array(rows + 1)
  let row = 0
  let ids = new Uint32Array(Math.max(64, most))
  // An open-addressed set that is emptied by counting up: a slot holds a member only where its stamp is the row's.
  let slots = new Uint32Array(1024)
  let stamps = new Int32Array(1024)

  return {
    addRow(features, count) {
      const start = offsets[row] ?? 0
      const stamp = ++row
      if (start + count > ids.length) ids = enlarged(ids, start + count)
      if (2 * count > slots.length) {
        slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * count)))
        stamps = new Int32Array(slots.length)
      }
      offsets[row] = start + addDistinct(features, count, ids.subarray(start), slots, stamps, stamp)
    },
    features: () => ({ offsets, ids: ids.slice(0, offsets[row]) }),
  }
}

/** Writes the distinct ones of the first `count` features, and returns how many they are. */
function addDistinct(
  features: Uint32Array,
  count: number,
  into: Uint32Array,
  slots: Uint32Array,
  stamps: Int32Array,
  stamp: number,
): number {
  const mask = slots.length - 1
  let added = 0
  for (let i = 0; i < count; i++) {
    const id = features[i] ?? 0
    let slot = (Math.imul(id, 0x9e3779b1) >>> 7) & mask
    while (stamps[slot] === stamp && slots[slot] !== id) slot = (slot + 1) & mask
    if (stamps[slot] === stamp) continue
    stamps[slot] = stamp
    slots[slot] = id
    into[added++] = id
  }
  return added
}

function enlarged(ids: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(2 * ids.length, least))
  larger.set(ids)
  return larger
}
