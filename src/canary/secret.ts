import { createHmac, randomBytes } from 'node:crypto'

/** What decides when poisons are tried, and which: nobody without the key can foresee it, or tell it afterwards. */
export interface Secret {
  /** Uniform numbers in [0, 1), always the same for the same key and matter. */
  draw(...matter: readonly (string | number | bigint)[]): () => number
  /** 64 hexadecimal digits that say nothing of the key. */
  mark(...matter: readonly (string | number | bigint)[]): string
}

const wordsInBlock = 8

/** HMAC-SHA-256 (RFC 2104) in counter mode; a key that nobody gave is drawn for this process. */
export function openSecret(key: Uint8Array = randomBytes(32)): Secret {
  const mac = (use: string, matter: readonly (string | number | bigint)[], block: number) =>
    createHmac('sha256', key)
      .update(JSON.stringify([use, matter.map(String), block]))
      .digest()
  return {
    draw(...matter) {
      let count = 0
      let block = Buffer.alloc(0)
      return () => {
        const word = count++ % wordsInBlock
        if (word === 0) block = mac('draw', matter, count)
        return block.readUInt32LE(4 * word) / 2 ** 32
      }
    },
    mark: (...matter) => mac('mark', matter, 0).toString('hex'),
  }
}
