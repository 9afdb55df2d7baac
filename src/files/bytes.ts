import { Damage } from './damage.ts'

/** Chunks of bytes, read by the piece. */
export interface Bytes {
  /** The next bytes, left where they are. Throws Damage where there are fewer. */
  peek(count: number): Promise<Uint8Array>
  read(count: number): Promise<Uint8Array>
  /** Reads to the end and gives the last bytes. */
  drain(count: number): Promise<Buffer>
  close(): Promise<void>
}

export function openBytes(chunks: AsyncIterable<Uint8Array>): Bytes {
  const source = chunks[Symbol.asyncIterator]()
  let held: Uint8Array[] = []
  let bytes = 0
  const fill = async (count: number): Promise<void> => {
    while (bytes < count) {
      const { done, value } = await source.next()
      if (done === true) throw new Damage('it breaks off')
      held.push(value)
      bytes += value.length
    }
  }
  const join = (): Uint8Array => {
    const [first] = held
    if (held.length === 1 && first !== undefined) return first
    const whole = Buffer.concat(held, bytes)
    held = [whole]
    return whole
  }
  return {
    async peek(count) {
      await fill(count)
      return join().subarray(0, count)
    },
    async read(count) {
      await fill(count)
      const whole = join()
      held = [whole.subarray(count)]
      bytes -= count
      return whole.subarray(0, count)
    },
    async drain(count) {
      let tail = Buffer.from(join().subarray(-count))
      for (let result = await source.next(); result.done !== true; result = await source.next())
        tail = Buffer.concat([tail, result.value.subarray(-count)]).subarray(-count)
      return tail.subarray(-count)
    },
    async close() {
      await source.return?.()
    },
  }
}
