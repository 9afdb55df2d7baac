import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectFolder } from '../datasets/locate.ts'
import { bench as ablation } from './ablation.ts'
import { bench as calibration } from './calibration.ts'
import { bench as delay } from './delay.ts'
import { bench as drift } from './drift.ts'
import { bench as falseAlarms } from './false-alarms.ts'
import { bench as images } from './images.ts'
import { bench as labelErrors } from './label-errors.ts'
import { machine } from './machine.ts'
import { bench as mailTrigger } from './mail-trigger.ts'
import { bench as mail } from './mail.ts'
import { bench as mnist } from './mnist.ts'
import { bench as pairFlip } from './pair-flip.ts'
import { reached, table, type Bench, type Section } from './report.ts'
import { bench as textBackdoor } from './text-backdoor.ts'
import { bench as sourceFalseAlarms } from './source-false-alarms.ts'
import { bench as sources } from './sources.ts'
import { bench as throughput } from './throughput.ts'

const benches: ReadonlyMap<string, Bench> = new Map([
  ['mnist', mnist],
  ['images', images],
  ['label-errors', labelErrors],
  ['mail', mail],
  ['mail-trigger', mailTrigger],
  ['text-backdoor', textBackdoor],
  ['pair-flip', pairFlip],
  ['delay', delay],
  ['ablation', ablation],
  ['drift', drift],
  ['sources', sources],
  ['source-false-alarms', sourceFalseAlarms],
  ['false-alarms', falseAlarms],
  ['calibration', calibration],
  ['throughput', throughput],
])

const usage = `Measures what Taster reaches, beside the targets and the trivial detectors.

  npm run bench -- [bench…] [--seeds 0,1,2] [--quick] [--out out/bench.json]

${[...benches].map(([name, { about }]) => `  ${name.padEnd(20)}${about}`).join('\n')}

Without a name all of them run. --quick takes fewer repetitions and fewer records.
Exit code 0: every target was reached; 1: one was missed.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '0,1,2' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string', default: join(projectFolder(), 'out', 'bench.json') },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const unknown = positionals.filter((name) => !benches.has(name))
const seeds = values.seeds.split(',').map(Number)
if (values.help || unknown.length > 0 || !seeds.every(Number.isSafeInteger)) {
  if (unknown.length > 0) process.stderr.write(`no bench ${unknown.join(', ')}\n\n`)
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}

const on = await machine()
process.stdout.write(
  `${on.cpu}, ${on.cores} cores, ${on.memory}; Node ${on.node}; ${on.backend}\ncommit ${on.commit}; seeds ${seeds.join(', ')}${values.quick ? '; quick' : ''}\n`,
)

const sections: (Section & { readonly bench: string })[] = []
const note = (line: string) => process.stderr.write(`  ${line}\n`)
for (const name of positionals.length > 0 ? positionals : benches.keys()) {
  const started = performance.now()
  for (const section of (await benches.get(name)?.run({ seeds, quick: values.quick, note })) ?? []) {
    sections.push({ ...section, bench: name })
    process.stdout.write(`\n${section.title}\n${section.setting}\n${table(section)}\n`)
  }
  note(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

await mkdir(join(values.out, '..'), { recursive: true })
const report = {
  machine: on,
  seeds,
  quick: values.quick,
  sections: sections.map(({ figures, ...section }) => ({
    ...section,
    figures: figures.map((figure) => ({
      what: figure.what,
      values: figure.values,
      target: figure.target ?? null,
      reached: reached(figure) ?? null,
    })),
  })),
}
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`)

const missed = sections.flatMap(({ figures }) => figures.filter((figure) => reached(figure) === false))
process.stdout.write(
  missed.length === 0 ? '\nEvery target was reached.\n' : `\nMissed: ${missed.map(({ what }) => what).join('; ')}\n`,
)
process.exitCode = missed.length === 0 ? 0 : 1
