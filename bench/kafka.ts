import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { startBroker } from '../broker/broker.ts'
import { projectFolder } from '../datasets/locate.ts'
import { openClient } from '../src/kafka/client.ts'
import { connectionFrom } from '../src/kafka/connection.ts'
import { raw, reached, table, type Section } from './kafka/figures.ts'
import { parts, runParts, type Part } from './kafka/parts.ts'
import { killAll } from './kafka/processes.ts'
import { machine } from './machine.ts'

const usage = `Measures the line on a real broker, beside the bare transactional pass-through.

  npm run bench:kafka -- [--only ${parts.join('|')}] [--quick] [--records <n>] [--runs <n>]
                         [--json] [--out out/bench-kafka.json]

The broker is the one that KAFKA_BROKERS names, else one in a container, else Apache
Kafka on the local JVM. --only may be repeated. --quick takes fewer records and runs,
too few to hold the figures against anything. --json prints the raw document alone.
Exit code 0: every target was reached; 1: one was missed.
`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    records: { type: 'string' },
    runs: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string', default: join(projectFolder(), 'out', 'bench-kafka.json') },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const isPart = (name: string): name is Part => (parts as readonly string[]).includes(name)
const records = Number(values.records ?? (values.quick ? 20_000 : 200_000))
const runs = Number(values.runs ?? (values.quick ? 1 : 3))
const wrong = [
  ...values.only.filter((name) => !isPart(name)).map((name) => `there is no part ${name}`),
  ...(Number.isSafeInteger(records) && records >= 10_000 ? [] : ['--records must be 10000 or more']),
  ...(Number.isSafeInteger(runs) && runs >= 1 ? [] : ['--runs must be 1 or more']),
]
if (values.help || wrong.length > 0) {
  if (wrong.length > 0) process.stderr.write(`${wrong.join('\n')}\n\n`)
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}

const say = (text: string) => void (values.json || process.stdout.write(text))
const started = performance.now()
const note = (line: string) =>
  void process.stderr.write(`  ${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`)

const on = await machine()
const broker = await startBroker()
const folder = await mkdtemp(join(tmpdir(), 'taster-bench-'))
const sections: Section[] = []
try {
  say(
    `${on.cpu}, ${on.cores} cores, ${on.memory}; Node ${on.node}; ${on.backend}\ncommit ${on.commit}; broker: ${broker.kind}${values.quick ? '; quick' : ''}\n`,
  )
  const client = openClient(connectionFrom({ KAFKA_BROKERS: broker.brokers, KAFKA_CLIENT_ID: 'bench' }))
  const brokerPid = 'pid' in broker && typeof broker.pid === 'number' ? broker.pid : null
  const only = values.only.filter(isPart)
  const wanted = { only: new Set(only.length > 0 ? only : parts), records, runs, quick: values.quick }
  for await (const section of runParts({ client, brokerPid, folder, note }, wanted)) {
    sections.push(section)
    say(`\n${section.title}\n${section.setting}\n${table(section)}\n`)
  }
} finally {
  killAll()
  await broker.stop()
  await rm(folder, { recursive: true, force: true })
}

const document = {
  machine: on,
  broker: broker.kind,
  quick: values.quick,
  sections: sections.map(({ figures, ...section }) => ({ ...section, figures: figures.map(raw) })),
}
const text = `${JSON.stringify(document, null, 2)}\n`
await mkdir(dirname(values.out), { recursive: true })
await writeFile(values.out, text)
if (values.json) process.stdout.write(text)

const missed = sections.flatMap(({ figures }) => figures.filter((figure) => reached(figure) === false))
say(missed.length === 0 ? '\nEvery target was reached.\n' : `\nMissed: ${missed.map(({ what }) => what).join('; ')}\n`)
process.exitCode = missed.length === 0 ? 0 : 1
