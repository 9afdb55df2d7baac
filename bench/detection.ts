import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { projectFolder } from '../datasets/locate.ts'
import { driftData } from './drift-data.ts'
import { alarmsAt, alarmShare, judgedBatches, type Judged } from './detection/drifts.ts'
import { peerScores } from './detection/exchange.ts'
import { rankingTasks, type RankingTask } from './detection/rankings.ts'
import { machine } from './machine.ts'
import { ranking } from './ranking.ts'
import { mean } from './report.ts'

const usage = `Measures Taster beside its peers: on the same vectors, labels and trusted records.

  npm run bench:detection -- [task…] [--seeds 0,1,2] [--out out/bench-detection.json]

${[...rankingTasks].map(([name, { title, setting }]) => `  ${name.padEnd(16)}${title}: ${setting}`).join('\n')}
  drift           foreign rows in batches, each judged by itself

Peers are Python packages: they are installed into a virtual environment outside the tree when first needed, which
takes minutes and needs python3 with venv. Each runs at its documented defaults.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '0,1,2' },
    out: { type: 'string', default: join(projectFolder(), 'out', 'bench-detection.json') },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const seeds = values.seeds.split(',').map(Number)
const unknown = positionals.filter((name) => name !== 'drift' && !rankingTasks.has(name))
if (values.help || unknown.length > 0 || !seeds.every(Number.isSafeInteger)) {
  if (unknown.length > 0) process.stderr.write(`no task ${unknown.join(', ')}\n\n`)
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}

interface Line {
  readonly attack: string
  readonly who: string
  readonly isOurs: boolean
  readonly auroc: number[] // a seed each
  readonly tpr: number[] // at 1 % false positives
  readonly tpr5: number[] // and at 5 %
  readonly flagged: { readonly fpr: number; readonly tpr: number }[] // at the peer's own threshold
  readonly seconds: number[]
}

const note = (line: string) => process.stderr.write(`  ${line}\n`)

async function measure(name: string, task: RankingTask): Promise<Line[] | null> {
  const lines = new Map<string, Line>()
  const lineOf = (attack: string, who: string, isOurs: boolean): Line => {
    const key = JSON.stringify([attack, who])
    const line = lines.get(key) ?? { attack, who, isOurs, auroc: [], tpr: [], tpr5: [], flagged: [], seconds: [] }
    lines.set(key, line)
    return line
  }
  for (const seed of seeds) {
    const streams = await task.poisoned(seed)
    if (streams === undefined) return null
    for await (const { attack, trusted, stream, poisoned, ours } of streams) {
      const add = (line: Line, scores: Float64Array) => {
        const { auroc, tpr, tpr5 } = ranking(scores, poisoned)
        line.auroc.push(auroc)
        line.tpr.push(tpr)
        line.tpr5.push(tpr5)
      }
      for (const [detector, scores] of ours) add(lineOf(attack, `Taster ${detector}`, true), scores)
      for (const { peer, scores, flagged, seconds } of await peerScores({ trusted, stream }, seed, note)) {
        const line = lineOf(attack, peer, false)
        add(line, scores)
        line.seconds.push(seconds)
        if (flagged !== null) line.flagged.push(ratesOf(flagged, poisoned))
      }
      note(`${name}, seed ${seed}: ${attack}`)
    }
  }
  return [...lines.values()]
}

function ratesOf(flagged: Uint8Array, poisoned: Uint8Array): { fpr: number; tpr: number } {
  const share = (of: 0 | 1) => {
    const rows = [...poisoned.keys()].filter((row) => poisoned[row] === of)
    return rows.filter((row) => flagged[row] === 1).length / rows.length
  }
  return { fpr: share(0), tpr: share(1) }
}

/** Mean, and its standard error over seeds. */
function shown(all: readonly number[]): string {
  if (all.length === 0) return ''
  const centre = mean(all)
  if (all.length === 1) return centre.toFixed(3)
  const variance = all.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (all.length - 1)
  return `${centre.toFixed(3)} ±${Math.sqrt(variance / all.length).toFixed(3)}`
}

function tableOf(lines: readonly Line[]): string {
  const drawn = new Table({
    head: ['attack', 'detector', 'AUROC', 'TPR at 1 % FPR', 'TPR at 5 % FPR', 'by default: FPR', 'TPR'],
    style: { head: [], border: [], compact: true },
  })
  for (const attack of new Set(lines.map((line) => line.attack))) {
    const best = (of: readonly Line[]) => of.toSorted((a, b) => mean(b.auroc) - mean(a.auroc))
    const about = lines.filter((line) => line.attack === attack)
    const ordered = [...best(about.filter(({ isOurs }) => isOurs)), ...best(about.filter(({ isOurs }) => !isOurs))]
    ordered.forEach(({ who, auroc, tpr, tpr5, flagged }, i) => {
      const defaults = [flagged.map(({ fpr }) => fpr), flagged.map((each) => each.tpr)]
      drawn.push([i === 0 ? attack : '', who, shown(auroc), shown(tpr), shown(tpr5), ...defaults.map(shown)])
    })
  }
  return drawn.toString()
}

/** The rate of alarms of each, over all batches and seeds: at its defaults, and at the rate of false alarms of ours. */
function driftTable(all: ReadonlyMap<string, Judged[]>): string {
  const shares = [0.05, 0.1, 0.2]
  const drawn = new Table({
    head: [
      'detector',
      'clean',
      ...shares.map((share) => `${share * 100} %`),
      'at our rate: clean',
      '5 / 10 / 20 %',
      's a batch',
    ],
    style: { head: [], border: [], compact: true },
  })
  const ours = [...all.values()].find(([first]) => first?.isOurs === true) ?? []
  const ourRate = mean(ours.map((judged) => alarmShare(judged, judged.alarms, 0)))
  for (const [who, judged] of all) {
    const share = (alarms: (of: Judged) => readonly boolean[], of: number) =>
      mean(judged.map((each) => alarmShare(each, alarms(each), of))).toFixed(2)
    const own = ({ alarms }: Judged) => alarms
    const matched = (each: Judged) => alarmsAt(each, ourRate)
    drawn.push([
      who,
      share(own, 0),
      ...shares.map((of) => share(own, of)),
      share(matched, 0),
      shares.map((of) => share(matched, of)).join(' / '),
      mean(judged.map(({ seconds }) => seconds)).toPrecision(2),
    ])
  }
  return drawn.toString()
}

const on = await machine()
process.stdout.write(
  `${on.cpu}, ${on.cores} cores, ${on.memory}; Node ${on.node}; ${on.backend}\ncommit ${on.commit}; seeds ${seeds.join(', ')}\n`,
)
const results: object[] = []
for (const [name, task] of rankingTasks) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const lines = await measure(name, task)
  if (lines === null) {
    process.stdout.write(`\n${task.title}: left out, its data is not on this machine\n`)
    continue
  }
  results.push({ task: name, title: task.title, setting: task.setting, lines })
  process.stdout.write(`\n${task.title}\n${task.setting}\n${tableOf(lines)}\n`)
}
if (positionals.length === 0 || positionals.includes('drift'))
  for (const set of await driftData()) {
    const all = new Map<string, Judged[]>()
    for (const seed of seeds) {
      for (const judged of await judgedBatches(set, seed, note))
        all.set(judged.who, [...(all.get(judged.who) ?? []), judged])
      note(`drift, seed ${seed}: ${set.name}`)
    }
    const setting = `batches of ${set.size} each judged by itself, of which a share is foreign; a reference of 1,000`
    results.push({ task: 'drift', title: set.name, setting, lines: [...all.values()].flat() })
    process.stdout.write(`\nShare of batches that alarm: ${set.name}\n${setting}\n${driftTable(all)}\n`)
  }
await mkdir(join(values.out, '..'), { recursive: true })
await writeFile(values.out, `${JSON.stringify({ machine: on, seeds, results }, null, 2)}\n`)
