import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port of 127.0.0.1 that nothing listens on. Below the range that outgoing connections take theirs from, so that none
 * of them sits on a broker's port while it restarts.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return port
    } catch {
      // taken: try another
    } finally {
      server.close()
    }
  }
  throw new Error('there is no free port between 20,000 and 32,000')
}
