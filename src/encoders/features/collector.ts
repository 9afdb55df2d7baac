import type { Features } from '../../core/encoded.ts'

export interface Collector {
  /** Adds a feature to the current row; one that the row already has is not added again. */
  readonly add: (feature: number) => void
  readonly endRow: () => void
  readonly features: () => Features
}

/** Gathers rows of distinct features. Memory is bounded by what is added. */
export function createCollector(rows: number): Collector {
  const offsets = new Int32Array(rows + 1)
  let row = 0
  let ids = new Uint32Array(Math.max(64, rows * 64))
  let count = 0
  // An open-addressed set that is emptied by counting up: a slot holds a member only where its stamp is the row's.
  let slots = new Uint32Array(1024)
  let stamps = new Int32Array(1024)
  let stamp = 1

  const isNew = (feature: number): boolean => {
    const mask = slots.length - 1
    let slot = (Math.imul(feature, 0x9e3779b1) >>> 7) & mask
    while (stamps[slot] === stamp) {
      if (slots[slot] === feature) return false
      slot = (slot + 1) & mask
    }
    slots[slot] = feature
    stamps[slot] = stamp
    return true
  }
  const grow = () => {
    slots = new Uint32Array(slots.length * 2)
    stamps = new Int32Array(slots.length)
    for (let i = offsets[row] ?? 0; i < count; i++) isNew(ids[i] ?? 0)
  }

  return {
    add(feature) {
      const id = feature >>> 0
      if (!isNew(id)) return
      if (count === ids.length) {
        const larger = new Uint32Array(ids.length * 2)
        larger.set(ids)
        ids = larger
      }
      ids[count++] = id
      if ((count - (offsets[row] ?? 0)) * 2 > slots.length) grow()
    },
    endRow() {
      offsets[++row] = count
      stamp++
    },
    features: () => ({ offsets, ids: ids.slice(0, count) }),
  }
}
