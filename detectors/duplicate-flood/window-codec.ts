import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import { sketchSize } from './sketch.ts'
import { columns, gaps, keysOf, mostTemplates, type Window } from './window.ts'

/** A window as bytes, with which of its keys each template still holds, so that it finds what it would have found. */
export function encodeWindow(window: Window): Uint8Array {
  const { seen, used, hand, index } = window
  const held = Uint8Array.from({ length: used }, (_, template) =>
    keysOf(window, template).reduce((bits, key, i) => bits | (index.get(key) === template ? 1 << i : 0), 0),
  )
  return pack({
    json: { seen, used, hand },
    arrays: {
      sketch: window.sketch.subarray(0, used * sketchSize),
      size: window.size.subarray(0, used),
      last: window.last.subarray(0, used),
      first: window.first.subarray(0, used),
      chain: window.chain.subarray(0, used * gaps.length),
      rivals: window.rivals.subarray(0, used * gaps.length),
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
  const size = arrayOf(unpacked, 'size', 'Uint8Array', used)
  z.array(z.int().max(sketchSize)).parse([...size])
  const window = columns(used, Math.max(64, used))
  window.seen = seen
  window.hand = hand
  window.sketch.set(arrayOf(unpacked, 'sketch', 'Uint32Array', used * sketchSize))
  window.size.set(size)
  window.last.set(arrayOf(unpacked, 'last', 'Float64Array', used))
  window.first.set(arrayOf(unpacked, 'first', 'Float64Array', used))
  window.chain.set(arrayOf(unpacked, 'chain', 'Uint16Array', used * gaps.length))
  window.rivals.set(arrayOf(unpacked, 'rivals', 'Uint16Array', used * gaps.length))
  const held = arrayOf(unpacked, 'held', 'Uint8Array', used)
  for (let template = 0; template < used; template++) {
    keysOf(window, template).forEach((key, i) => {
      if ((held[template] ?? 0) & (1 << i)) window.index.set(key, template)
    })
  }
  return window
}
