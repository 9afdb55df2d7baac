import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import { differences, fromVarints, sums, varints } from '../../src/core/varints.ts'
import { sketchSize } from './sketch.ts'
import { columns, gaps, keysOf, mostTemplates, sketchOf, type Window } from './window.ts'

/**
 * A window as bytes, with which of its keys each template still holds, so that it finds what it would have found.
 * Sketches ascend, so that their differences are stored; times are stored as ages.
 */
export function encodeWindow(window: Window): Uint8Array {
  const { seen, used, hand, index } = window
  const held = Uint8Array.from({ length: used }, (_, template) =>
    keysOf(window, template).reduce((bits, key, i) => bits | (index.get(key) === template ? 1 << i : 0), 0),
  )
  const sketches = new Float64Array(used * sketchSize)
  let numbers = 0
  for (let template = 0; template < used; template++) {
    sketches.set(differences(sketchOf(window, template)), numbers)
    numbers += window.size[template] ?? 0
  }
  const age = (times: Float64Array) => varints(times.subarray(0, used).map((time) => seen - time))
  return pack({
    json: { seen, used, hand },
    arrays: {
      size: window.size.subarray(0, used),
      sketch: varints(sketches.subarray(0, numbers)),
      last: age(window.last),
      first: age(window.first),
      chain: varints(window.chain.subarray(0, used * gaps.length)),
      rivals: varints(window.rivals.subarray(0, used * gaps.length)),
      held,
    },
  })
}

const header = z
  .strictObject({ seen: z.int().min(0), used: z.int().min(0).max(mostTemplates), hand: z.int().min(0) })
  .refine(({ used, hand }) => hand === 0 || hand < used)

export function decodeWindow(bytes: Uint8Array): Window {
  const unpacked = unpack(bytes)
  const { seen, used, hand } = header.parse(unpacked.json)
  const whole = (name: string, length: number) => fromVarints(arrayOf(unpacked, name, 'Uint8Array'), length)
  const size = arrayOf(unpacked, 'size', 'Uint8Array', used)
  z.array(z.int().max(sketchSize)).parse([...size])
  const sketches = whole(
    'sketch',
    size.reduce((sum, each) => sum + each, 0),
  )
  const window = columns(used, Math.max(64, used))
  window.seen = seen
  window.hand = hand
  window.size.set(size)
  let from = 0
  size.forEach((length, template) => {
    window.sketch.set(sums(sketches.subarray(from, from + length)), template * sketchSize)
    from += length
  })
  const times = (name: string) => whole(name, used).map((age) => seen - age)
  window.last.set(times('last'))
  window.first.set(times('first'))
  window.chain.set(whole('chain', used * gaps.length))
  window.rivals.set(whole('rivals', used * gaps.length))
  const held = arrayOf(unpacked, 'held', 'Uint8Array', used)
  for (let template = 0; template < used; template++) {
    keysOf(window, template).forEach((key, i) => {
      if ((held[template] ?? 0) & (1 << i)) window.index.set(key, template)
    })
  }
  return window
}
