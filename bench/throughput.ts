import { spawn } from 'node:child_process'
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mean, type Bench, type Figure } from './report.ts'
import { writeSentences } from './sentences.ts'

const TRUSTED = 4000 // half of it, 2,000, becomes the reference
const FEW = 100_000
const MANY = 1_000_000
const SAMPLE_EVERY = 500 // ms

interface Ran {
  readonly seconds: number // from the moment it begins to judge until everything is written
  readonly flagged: number // batches
  readonly found: readonly string[] // what flagged them
  readonly peak: number // MiB, highest resident set the kernel saw
  readonly quarters: readonly [number, number] // MiB, mean resident set in the third and the last quarter of judging
}

/** What is read of the report that the tool prints. */
interface Report {
  readonly batches: { readonly flagged: number }
  readonly findings: readonly { readonly detector: string; readonly summary: string }[]
}

const inputFlags = ['--id', 'id', '--source', 'source', '--label', 'label', '--text', 'text', '--encoder', 'text-glove']

/** Runs the built `taster inspect` and watches its resident set. Exit code 1, something flagged, is no failure. */
async function inspect(file: string, judgeBy: readonly string[], out: string): Promise<Ran> {
  const args = ['inspect', file, ...judgeBy, ...inputFlags, '--out', out, '--json']
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/cli/main.js', import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let began = NaN
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < 100_000) stderr += chunk.toString()
    if (Number.isNaN(began) && /^judging/m.test(stderr)) began = performance.now()
  })
  let peak = 0
  const resident: number[] = []
  const sample = async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const mebibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024
    peak = Math.max(peak, mebibytes('VmHWM'))
    if (!Number.isNaN(began) && status.includes('VmRSS')) resident.push(mebibytes('VmRSS'))
  }
  const timer = setInterval(() => void sample(), SAMPLE_EVERY)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const seconds = (performance.now() - began) / 1000
  clearInterval(timer)
  if (code !== 0 && code !== 1) throw new Error(`taster inspect ended with code ${code}: ${stderr.slice(-2000)}`)
  const report = JSON.parse(stdout) as Report
  const part = (from: number, to: number) =>
    mean(resident.slice(Math.floor(from * resident.length), Math.ceil(to * resident.length)))
  return {
    seconds,
    flagged: report.batches.flagged,
    found: report.findings.map(({ detector, summary }) => `${detector}: ${summary}`),
    peak,
    quarters: [part(0.5, 0.75), part(0.75, 1)],
  }
}

export const bench: Bench = {
  about: 'speed and memory of `taster inspect`',
  async run({ seeds, quick, note }) {
    const folder = await mkdtemp(join(tmpdir(), 'taster-bench-'))
    const [seed = 0] = seeds
    const at = (name: string) => join(folder, name)
    try {
      note('throughput: writing sentences')
      const many = quick ? FEW * 2 : MANY
      await writeSentences(seed, [
        { path: at('trusted.ndjson'), records: TRUSTED },
        { path: at('first.ndjson'), records: 1000 },
        { path: at('few.ndjson'), records: FEW },
        { path: at('many.ndjson'), records: many },
      ])
      await inspect(at('first.ndjson'), ['--trusted', at('trusted.ndjson')], at('first'))
      const judgeBy = ['--baseline', join(at('first'), 'baseline')]
      const told = (records: number, { seconds, peak, flagged, found }: Ran) =>
        note(
          `throughput: ${records} records in ${seconds.toFixed(1)} s, peak ${peak.toFixed(0)} MiB, ${flagged} batches flagged${found.map((line) => `\n    ${line}`).join('')}`,
        )
      const few = await inspect(at('few.ndjson'), judgeBy, at('few'))
      told(FEW, few)
      const more = await inspect(at('many.ndjson'), judgeBy, at('many'))
      told(many, more)
      const whole = (value: number) => Math.round(value).toLocaleString('en')
      const figures: Figure[] = [
        {
          what: `records/s, ${whole(FEW)} records`,
          values: [FEW / few.seconds],
          target: { atLeast: 10_000 },
          show: whole,
        },
        {
          what: `records/s, ${whole(many)} records`,
          values: [many / more.seconds],
          target: { atLeast: 10_000 },
          show: whole,
        },
        { what: `peak memory, ${whole(FEW)} records, MiB`, values: [few.peak], show: whole },
        { what: `peak memory, ${whole(many)} records, MiB`, values: [more.peak], show: whole },
        {
          what: 'memory of the longer run in its last quarter against the quarter before',
          values: [more.quarters[1] / more.quarters[0]],
          target: { atMost: 1.05 },
        },
        {
          what: `peak of ${whole(many)} records against ${whole(FEW)}`,
          values: [more.peak / few.peak],
          target: { atMost: 1.25 },
        },
        {
          what: 'batches flagged in both runs (the stream is clean)',
          values: [few.flagged + more.flagged],
          show: whole,
        },
      ]
      return [
        {
          title: 'Speed and memory of taster inspect',
          setting: `NDJSON of sentences of 15 to 25 words, GloVe, every detector, reference of ${TRUSTED / 2}, batches of 100; from the first batch until everything is written, after start-up; one process with its compute thread`,
          figures,
        },
      ]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}
