import { fastify, type FastifyReply } from 'fastify'
import { TasterError } from '../core/errors.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

export interface Served {
  readonly url: string
  close(): Promise<void>
}

/**
 * What probes and scrapers ask for: GET /healthz (alive, and making progress), /readyz (every pipeline can judge) and
 * /metrics (Prometheus text). Nobody is asked who they are, and nothing can be changed.
 */
export function openServer(health: Health, metrics: Pick<Metrics, 'contentType' | 'text'>, limitSeconds: number) {
  const server = fastify({
    logger: false,
    bodyLimit: 1024,
    requestTimeout: 5000,
    connectionTimeout: 10_000,
    keepAliveTimeout: 60_000,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: 8192 },
    frameworkErrors: (_error, _request, reply: FastifyReply) => void reply.code(400).send({ error: 'bad request' }),
  })
  server.server.maxConnections = 100
  server.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }))
  server.setErrorHandler((error, _request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    const refused = status >= 400 && status < 500
    return reply.code(refused ? status : 500).send({ error: refused ? 'bad request' : 'internal error' })
  })
  server.get('/healthz', (_request, reply) => {
    const reasons = health.stuck(limitSeconds * 1000)
    return reply.code(reasons.length === 0 ? 200 : 503).send({ status: reasons.length === 0 ? 'ok' : 'stuck', reasons })
  })
  server.get('/readyz', (_request, reply) => {
    const reasons = health.unready()
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons })
  })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
  return server
}

/** Listens. Throws CONFIG_INVALID where it cannot. */
export async function listen(server: ReturnType<typeof openServer>, host: string, port: number): Promise<Served> {
  try {
    const url = await server.listen({ host, port })
    return { url, close: () => server.close() }
  } catch (error) {
    await server.close()
    throw cannotListen(error, host, port)
  }
}

const remedies = new Map([
  ['EADDRINUSE', ['TASTER_HTTP_PORT', 'the port is taken', 'set it to another port, or to 0 for any free one']],
  ['EACCES', ['TASTER_HTTP_PORT', 'this user may not use the port', 'set it to 1024 or more']],
  ['EADDRNOTAVAIL', ['TASTER_HTTP_HOST', 'is no address of this machine', 'set it to one, or to 0.0.0.0 for all']],
  ['ENOTFOUND', ['TASTER_HTTP_HOST', 'no such host is known', 'set it to an address of this machine']],
])

function cannotListen(error: unknown, host: string, port: number): TasterError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const [where = 'TASTER_HTTP_HOST', message = code, remedy = 'set host and port to what this machine can listen on'] =
    remedies.get(code) ?? []
  return new TasterError('CONFIG_INVALID', `Health and metrics cannot be served on ${host} port ${port}`, {
    cause: error,
    problems: [{ where, message, remedy }],
  })
}
