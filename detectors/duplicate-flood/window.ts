import { resemblance, sketchSize } from './sketch.ts'

/**
 * Another copy is expected within this many records, or the chain of copies has ended: a burst, a flood, a trickle.
 * Each is tested by itself.
 */
const longest = 4096
export const gaps = [64, 512, longest] as const
/** Templates remembered: one that a chain could still be continued for is never forgotten. */
export const mostTemplates = longest
const ownKeys = 4 // of a template's sketch, by which it is found
const triedKeys = 8 // of a record's sketch, by which its template is looked for

/** The distinct records of the last stretch of a stream, each with how often it came. Columns grow with their number. */
export interface Window {
  seen: number // records so far
  used: number // templates
  hand: number // where the search for one to forget goes on
  sketch: Uint32Array // templates × sketchSize
  size: Uint8Array // of each sketch
  last: Float64Array // number of the record that came last
  first: Float64Array // number of the record that began the chain over the longest gap
  chain: Uint16Array // templates × gaps: copies without a longer pause
  rivals: Uint16Array // templates × gaps: chains that began in the same batch as this one; see evidence.ts
  readonly index: Map<number, number> // key → the template that took it last
}

export function emptyWindow(): Window {
  return columns(0, 64)
}

export function columns(used: number, capacity: number): Window {
  return {
    seen: 0,
    used,
    hand: 0,
    sketch: new Uint32Array(capacity * sketchSize),
    size: new Uint8Array(capacity),
    last: new Float64Array(capacity),
    first: new Float64Array(capacity),
    chain: new Uint16Array(capacity * gaps.length),
    rivals: new Uint16Array(capacity * gaps.length),
    index: new Map(),
  }
}

/** The template that a record is a copy of, among those not yet out of reach; -1: none. */
export function find(window: Window, sketch: Uint32Array, alike: number): number {
  let best = -1
  let most = 0
  for (let key = 0; key < Math.min(triedKeys, sketch.length); key++) {
    const template = window.index.get(sketch[key] ?? 0)
    if (template === undefined || template === best) continue
    const share = resemblance(
      sketch,
      0,
      sketch.length,
      window.sketch,
      template * sketchSize,
      window.size[template] ?? 0,
    )
    if (best < 0 ? share >= alike : share > most) [best, most] = [template, share]
  }
  return best
}

/** Takes one record in and returns its template. `onLink(gap, before, template)` hears of each chain that goes on. */
export function observe(
  window: Window,
  sketch: Uint32Array,
  alike: number,
  onLink: (gap: number, before: number, template: number) => void,
): number {
  const now = window.seen++
  const found = find(window, sketch, alike)
  const template = found >= 0 ? found : place(window, sketch)
  if (found < 0 || now - (window.last[template] ?? 0) > longest) window.first[template] = now
  for (let gap = 0; gap < gaps.length; gap++) {
    const at = template * gaps.length + gap
    const before = window.chain[at] ?? 0
    if (found >= 0 && now - (window.last[template] ?? 0) <= (gaps[gap] ?? 0)) {
      window.chain[at] = Math.min(before + 1, 65_535)
      onLink(gap, before, template)
    } else window.chain[at] = 1
  }
  window.last[template] = now
  return template
}

function place(window: Window, sketch: Uint32Array): number {
  const template = window.used < mostTemplates ? append(window) : forget(window)
  window.sketch.set(sketch, template * sketchSize)
  window.size[template] = sketch.length
  for (let key = 0; key < Math.min(ownKeys, sketch.length); key++) window.index.set(sketch[key] ?? 0, template)
  return template
}

function append(window: Window): number {
  const capacity = window.size.length
  if (window.used === capacity) {
    const larger = columns(0, Math.min(2 * capacity, mostTemplates))
    larger.sketch.set(window.sketch)
    larger.size.set(window.size)
    larger.last.set(window.last)
    larger.first.set(window.first)
    larger.chain.set(window.chain)
    larger.rivals.set(window.rivals)
    const { sketch, size, last, first, chain, rivals } = larger
    Object.assign(window, { sketch, size, last, first, chain, rivals })
  }
  return window.used++
}

/** Frees a template that came last before as many records as there are templates: a full turn always meets one. */
function forget(window: Window): number {
  for (let step = 0; step < window.used; step++) {
    if ((window.last[window.hand] ?? 0) < window.seen - window.used) break
    window.hand = (window.hand + 1) % window.used
  }
  const template = window.hand
  window.hand = (window.hand + 1) % window.used
  for (const key of keysOf(window, template)) if (window.index.get(key) === template) window.index.delete(key)
  return template
}

export function keysOf(window: Window, template: number): Uint32Array {
  const from = template * sketchSize
  return window.sketch.subarray(from, from + Math.min(ownKeys, window.size[template] ?? 0))
}

export function sketchOf(window: Window, template: number): Uint32Array {
  const from = template * sketchSize
  return window.sketch.subarray(from, from + (window.size[template] ?? 0))
}

/**
 * Two windows as one, of which equal sketches are one template: whatever the order of merging. Ages are kept, so that
 * what came last in either window came last in both.
 */
export function mergeWindows(a: Window, b: Window): Window {
  if (b.seen === 0) return a
  if (a.seen === 0) return b
  const seen = a.seen + b.seen
  interface Row {
    readonly sketch: Uint32Array
    readonly last: number // age
    readonly first: number // age
    readonly chain: readonly number[]
    readonly rivals: readonly number[]
  }
  const rows = new Map<string, Row>()
  for (const window of [a, b]) {
    for (let template = 0; template < window.used; template++) {
      const sketch = sketchOf(window, template)
      const key = sketch.join()
      const before = rows.get(key)
      const part = (column: Uint16Array) => [...column.subarray(template * gaps.length, (template + 1) * gaps.length)]
      const last = window.seen - (window.last[template] ?? 0)
      const first = window.seen - (window.first[template] ?? 0)
      rows.set(key, {
        sketch,
        last: Math.min(last, before?.last ?? Infinity),
        first: Math.max(first, before?.first ?? 0),
        chain: part(window.chain).map((n, gap) => Math.min(n + (before?.chain[gap] ?? 0), 65_535)),
        rivals: part(window.rivals).map((n, gap) => Math.max(n, before?.rivals[gap] ?? 0)),
      })
    }
  }
  const kept = [...rows]
    .toSorted(([a, x], [b, y]) => x.last - y.last || (a < b ? -1 : 1))
    .slice(0, mostTemplates)
    .toReversed() // oldest first, as they would have come
  const merged = columns(kept.length, Math.max(64, kept.length))
  merged.seen = seen
  kept.forEach(([, row], template) => {
    merged.sketch.set(row.sketch, template * sketchSize)
    merged.size[template] = row.sketch.length
    merged.last[template] = seen - row.last
    merged.first[template] = seen - row.first
    merged.chain.set(row.chain, template * gaps.length)
    merged.rivals.set(row.rivals, template * gaps.length)
    for (const key of keysOf(merged, template)) merged.index.set(key, template)
  })
  return merged
}
