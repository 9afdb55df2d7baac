const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The name of a header as a string. Kafka asks for UTF-8 but checks nothing; what is not UTF-8 must still leave as it
 * came. So each byte 0x80 … 0xFF of a name that is not UTF-8 becomes the lone surrogate U+DC80 … U+DCFF, which no UTF-8
 * text decodes to (the scheme of PEP 383), and `encodeName` turns it back.
 */
export function decodeName(bytes: Buffer, from: number, to: number): string {
  for (let at = from; at < to; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue
    try {
      return utf8.decode(bytes.subarray(from, to))
    } catch {
      return escaped(bytes.subarray(from, to))
    }
  }
  return bytes.toString('latin1', from, to)
}

function escaped(bytes: Uint8Array): string {
  let name = ''
  for (const byte of bytes) name += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)
  return name
}

/** The bytes of a header's name. Throws TypeError on a string that `decodeName` never returns: it has no bytes. */
export function encodeName(name: string): Buffer {
  if (!/\p{Surrogate}/u.test(name)) return Buffer.from(name)
  const bytes = Buffer.from(name, 'utf16le')
  const units = new Uint16Array(name.length).map((_, i) => bytes.readUInt16LE(2 * i))
  if (!units.every((unit) => unit < 0x80 || (unit >= 0xdc80 && unit <= 0xdcff))) {
    throw new TypeError('The name of a header holds half a surrogate pair')
  }
  return Buffer.from(units.map((unit) => unit & 0xff))
}
