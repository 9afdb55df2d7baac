import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Broker, Options } from './broker.ts'
import { distribution, kafkaVersion } from './distribution.ts'
import { openHome, type Home } from './home.ts'
import { freePort } from './port.ts'
import { singleNode, type Listener, type Properties } from './properties.ts'
import { untilReady } from './ready.ts'
import { secure, type Secured } from './security.ts'
import { unavailable } from './unavailable.ts'

const run = promisify(execFile)
const patienceMs = 120_000 // for a start on a machine that is busy with other things
const clusterId = 'dGFzdGVyLXRlc3RicmtyMQ'

/** A broker of our own: it can be killed and started again, and secured. */
export interface JvmBroker extends Broker {
  readonly kind: 'jvm'
  /** Of the server, to measure its memory; it changes with every restart. */
  readonly pid: number
  readonly secured: Secured | null
}

/** Starts Apache Kafka on the local JVM. Throws, with what would help, where there is no Java or no Maven. */
export async function startJvmBroker(options: Options = {}): Promise<JvmBroker> {
  await run('java', ['-version']).catch((error: unknown) => {
    throw unavailable('Java does not run here', error)
  })
  const jars = join(await distribution(kafkaVersion()), '*')
  for (let attempt = 1; ; attempt++) {
    const home = openHome()
    try {
      return await startIn(home, jars, options)
    } catch (error) {
      home.remove()
      if (attempt === 3 || !/Address already in use/.test(String(error))) throw error // taken since it was found free
    }
  }
}

async function startIn(home: Home, jars: string, options: Options): Promise<JvmBroker> {
  const java = [
    '-Xms128m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    jars,
  ]
  const listener: Listener = { name: 'PLAINTEXT', protocol: 'PLAINTEXT', port: await freePort() }
  const security = options.security === undefined ? null : await secure(options.security, home.folder)
  const file = join(home.folder, 'server.properties')
  await writeFile(
    file,
    lines({
      ...singleNode([listener, ...(security?.listeners ?? [])], await freePort()),
      'log.dirs': join(home.folder, 'data'),
      ...security?.properties,
      ...options.properties,
    }),
  )
  const format = ['format', '-t', clusterId, '-c', file, ...(security?.formatting ?? [])]
  await run('java', [...java, 'kafka.tools.StorageTool', ...format]).catch((error: unknown) => {
    throw unavailable('Apache Kafka could not format its data folder', error)
  })

  const brokers = `127.0.0.1:${listener.port}`
  const log = join(home.folder, 'server.log')
  const start = async () => {
    const output = openSync(log, 'a')
    const server = spawn('java', [...java, 'kafka.Kafka', file], { detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    server.unref() // whoever forgets to stop the broker still ends, and the broker with it
    home.keep(server.pid ?? null)
    server.once('exit', () => home.keep(null))
    const ended = once(server, 'exit').then(async () => {
      throw unavailable('Apache Kafka ended while it started', (await readFile(log, 'utf8')).slice(-2000))
    })
    ended.catch(() => {})
    await untilReady(brokers, patienceMs, ended)
    return server
  }
  let server = await start()
  return {
    kind: 'jvm',
    brokers,
    secured: security?.secured ?? null,
    get pid() {
      return server.pid ?? 0
    },
    kill: () => end(server),
    async restart() {
      await end(server)
      server = await start()
    },
    async stop() {
      await end(server)
      home.remove()
    },
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.ref()
  const exit = once(server, 'exit')
  server.kill('SIGKILL')
  await exit
}

const lines = (properties: Properties) =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
