import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { projectFolder } from '../datasets/locate.ts'
import { alive } from './process.ts'
import { unavailable } from './unavailable.ts'

const run = promisify(execFile)

/** The version of Apache Kafka that tests and benches run on, unless KAFKA_VERSION names another. */
export function kafkaVersion(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const version = env['KAFKA_VERSION'] || '4.1.2'
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`KAFKA_VERSION must be like 4.1.2, and is ${version}`)
  return version
}

/**
 * The folder with the jars of Apache Kafka, kept in the user's cache. Where they are not there yet, Maven downloads
 * them (about 45 MB), once even if several processes ask at the same time.
 */
export async function distribution(version: string): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'taster')
  const folder = join(cache, `kafka-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  await exclusively(`${folder}.lock`, async () => {
    if (!existsSync(folder)) await download(version, folder)
  })
  return folder
}

async function download(version: string, folder: string): Promise<void> {
  process.stderr.write(`broker: downloading Apache Kafka ${version} with Maven to ${folder}, once, about 45 MB\n`)
  const incomplete = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`))
  const started = performance.now()
  try {
    const pom = join(projectFolder(), 'broker', 'pom.xml')
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${incomplete}`]
    await run('mvn', ['-q', '-B', '-f', pom, `-Dkafka.version=${version}`, ...goal], { maxBuffer: 64 * 2 ** 20 })
    await rename(incomplete, folder)
  } catch (error) {
    await rm(incomplete, { recursive: true, force: true })
    throw unavailable(`Maven could not download Apache Kafka ${version}`, error)
  }
  process.stderr.write(`broker: downloaded in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

/** Does `work` while no other process that names the same lock does; a lock whose owner is gone is taken over. */
async function exclusively(lock: string, work: () => Promise<void>): Promise<void> {
  const mine = `${lock}.${process.pid}`
  await writeFile(mine, String(process.pid))
  try {
    while (!(await linked(mine, lock))) {
      const owner = Number(await readFile(lock, 'utf8').catch(() => process.pid))
      if (alive(owner)) await wait(250)
      else await rm(lock, { force: true })
    }
    try {
      await work()
    } finally {
      await rm(lock, { force: true })
    }
  } finally {
    await rm(mine, { force: true })
  }
}

/** A hard link appears with its content at once, or not at all where the name is taken. */
async function linked(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
