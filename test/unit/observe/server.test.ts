import { request } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { openHealth } from '../../../src/observe/health.ts'
import { openMetrics } from '../../../src/observe/metrics.ts'
import { listen, openServer, type Served } from '../../../src/observe/server.ts'
import { facts } from './outcomes.ts'
import { samplesIn } from './series-in.ts'

const open: Served[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

function serving() {
  const health = openHealth(['mail'])
  const metrics = openMetrics('1.2.3')
  const server = openServer(health, metrics, 300)
  return { health, metrics, server }
}

const listening = async (port = 0) => {
  const served = await listen(serving().server, '127.0.0.1', port)
  open.push(served)
  return served
}

describe('what probes ask', () => {
  it('is whether the process is alive and makes progress', async () => {
    const { health, server } = serving()
    const healthz = async () => {
      const { statusCode, headers, body } = await server.inject({ url: '/healthz' })
      return { statusCode, type: headers['content-type'], cache: headers['cache-control'], ...JSON.parse(body) }
    }
    const well = { type: 'application/json; charset=utf-8', cache: 'no-store' }
    expect(await healthz()).toEqual({ statusCode: 200, status: 'ok', reasons: [], ...well })
    const notify = health.loaded('mail', { batchSeconds: 0, joinSeconds: 0 })
    notify({ kind: 'joined', member: 'm', partitions: [0] })
    notify({ kind: 'opened', partition: 0, offset: 0n, remeasured: 0, seconds: 0 })
    notify({ kind: 'lag', partition: 0, records: 3n, seconds: 1 })
    health.pass(301_000)
    expect(await healthz()).toEqual({
      statusCode: 503,
      status: 'stuck',
      reasons: ['pipeline mail, partition 0: nothing was committed for 301 s while 3 records wait'],
      ...well,
    })
  })

  it('is whether every pipeline can judge', async () => {
    const { health, server } = serving()
    const readyz = async () => {
      const { statusCode, body } = await server.inject({ url: '/readyz' })
      return { statusCode, ...JSON.parse(body) }
    }
    expect(await readyz()).toEqual({
      statusCode: 503,
      status: 'not ready',
      reasons: ['the compute backend has not started', 'pipeline mail has no baseline yet'],
    })
    health.backendReady()
    health.loaded('mail', { batchSeconds: 0, joinSeconds: 0 })({ kind: 'joined', member: 'm', partitions: [] })
    expect(await readyz()).toEqual({ statusCode: 200, status: 'ready', reasons: [] })
  })

  it('is what the metrics are', async () => {
    const { metrics, server } = serving()
    metrics.pipeline('mail', facts)
    const { statusCode, headers, body } = await server.inject({ url: '/metrics' })
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(samplesIn(body).length).toBeGreaterThan(50)
  })

  it.each([
    ['GET', '/', 404],
    ['GET', '/metrics/../secret', 404],
    ['GET', '/%', 400],
    ['POST', '/healthz', 404],
    ['DELETE', '/metrics', 404],
  ] as const)('is nothing else: %s %s gets %i', async (method, url, status) => {
    const { statusCode, headers, body } = await serving().server.inject({ method, url })
    expect(statusCode).toBe(status)
    expect(headers['content-type']).toContain('application/json')
    expect(Object.keys(JSON.parse(body))).toEqual(['error'])
    expect(body).not.toMatch(/secret|%/)
  })

  it('may not be large', async () => {
    const { server } = serving()
    const { statusCode, body } = await server.inject({
      method: 'POST',
      url: '/healthz',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify('x'.repeat(2000)),
    })
    expect([statusCode, body]).toEqual([413, '{"error":"bad request"}'])
  })
})

describe('the server', () => {
  it('answers on a socket and ends though a client keeps its connection', async () => {
    const served = await listening()
    const { url } = served
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 /)
    const ended = once(socket, 'close')
    await served.close()
    await ended
    const refused = connect(Number(new URL(url).port), '127.0.0.1')
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })

  it('refuses large headers', async () => {
    const { url } = await listening()
    const asked = request(`${url}/healthz`, { headers: { 'x-large': 'x'.repeat(9000) } }).end()
    const [{ statusCode }] = (await once(asked, 'response')) as [{ statusCode: number }]
    expect(statusCode).toBe(431)
  })

  it('says which setting to change where the port is taken', async () => {
    const { url } = await listening()
    const port = Number(new URL(url).port)
    await expect(listening(port)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `Health and metrics cannot be served on 127.0.0.1 port ${port}`,
      problems: [
        {
          where: 'TASTER_HTTP_PORT',
          message: 'the port is taken',
          remedy: 'set it to another port, or to 0 for any free one',
        },
      ],
    })
  })

  it('says so where the address is not of this machine', async () => {
    await expect(listen(serving().server, '192.0.2.1', 0)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ where: 'TASTER_HTTP_HOST' }],
    })
  })
})
