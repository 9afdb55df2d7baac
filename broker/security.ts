import { execFile } from 'node:child_process'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './port.ts'
import type { Listener, Properties } from './properties.ts'
import { unavailable } from './unavailable.ts'

const run = promisify(execFile)

export interface User {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** Users may do what ACLs allow them, super users everything; the plain listener of tests is a super user itself. */
export interface Security {
  readonly users: readonly User[]
  readonly superUsers?: readonly string[]
}

/** Where a secured broker is reached, and the files that clients need. */
export interface Secured {
  readonly sasl: string // host:port, TLS with user and password
  readonly mutual: string // host:port, TLS with a client certificate, whose user is CN=client
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

interface Secure {
  readonly listeners: readonly Listener[]
  readonly properties: Properties
  readonly formatting: readonly string[] // arguments of the storage tool
  readonly secured: Secured
}

/** Makes certificates in a folder, and the settings that go with them. */
export async function secure({ users, superUsers = [] }: Security, folder: string): Promise<Secure> {
  const path = (name: string) => join(folder, name)
  try {
    await certificate(folder, 'ca', ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'])
    const signed = ['-CA', path('ca.pem'), '-CAkey', path('ca.key')]
    await certificate(folder, 'server', [...signed, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'])
    await certificate(folder, 'client', signed)
  } catch (error) {
    throw unavailable('openssl could not make certificates', error)
  }
  await appendFile(path('server.pem'), await readFile(path('server.key')))

  const sasl: Listener = { name: 'SASL', protocol: 'SASL_SSL', port: await freePort() }
  const mutual: Listener = { name: 'MUTUAL', protocol: 'SSL', port: await freePort() }
  const scram = users.filter(({ mechanism }) => mechanism !== 'plain')
  return {
    listeners: [sasl, mutual],
    properties: {
      ...tls(sasl, folder),
      ...tls(mutual, folder),
      'listener.name.mutual.ssl.client.auth': 'required',
      // per listener: a list for all of them stops the start
      'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.sasl.plain.sasl.jaas.config': plainLogin(users),
      'listener.name.sasl.scram-sha-256.sasl.jaas.config': scramLogin,
      'listener.name.sasl.scram-sha-512.sasl.jaas.config': scramLogin,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': ['ANONYMOUS', ...superUsers].map((name) => `User:${name}`).join(';'),
    },
    formatting: scram.flatMap(({ mechanism, username, password }) => [
      '--add-scram',
      `${mechanism.toUpperCase()}=[name=${username},password=${password}]`,
    ]),
    secured: {
      sasl: `127.0.0.1:${sasl.port}`,
      mutual: `127.0.0.1:${mutual.port}`,
      caFile: path('ca.pem'),
      certFile: path('client.pem'),
      keyFile: path('client.key'),
    },
  }
}

/** Writes <name>.pem and <name>.key, self-signed unless `args` name a signer. Needs OpenSSL 3. */
async function certificate(folder: string, name: string, args: readonly string[]): Promise<void> {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await run('openssl', ['req', '-x509', '-days', '2', '-subj', `/CN=${name}`, ...key, ...files, ...args])
}

const tls = ({ name }: Listener, folder: string): Properties =>
  Object.fromEntries(
    [['keystore', join(folder, 'server.pem')] as const, ['truststore', join(folder, 'ca.pem')] as const].flatMap(
      ([store, file]) => [
        [`listener.name.${name.toLowerCase()}.ssl.${store}.type`, 'PEM'],
        [`listener.name.${name.toLowerCase()}.ssl.${store}.location`, file],
      ],
    ),
  )

const scramLogin = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'

const plainLogin = (users: readonly User[]) =>
  [
    'org.apache.kafka.common.security.plain.PlainLoginModule required',
    ...users.filter((user) => user.mechanism === 'plain').map((user) => `user_${user.username}="${user.password}"`),
  ].join(' ') + ';'
