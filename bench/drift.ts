import { select } from '../src/core/batch.ts'
import { selectEncoded } from '../src/core/encoded.ts'
import { clopperPearson } from '../src/stats/clopper-pearson.ts'
import { logPToE } from '../src/stats/log-p-to-e.ts'
import { random } from '../src/stats/random.ts'
import { drawnParts, driftData, mixedBatch, type DriftData } from './drift-data.ts'
import { frogs } from './drift-ramp.ts'
import { encodedBy, fitted } from './fitted.ts'
import type { Bench, BenchOptions, Figure, Section } from './report.ts'

const TRUSTED = 2000 // half of them are the reference, as many as the peers were given
const SHARES = [0.05, 0.1, 0.2]
const ALPHA = 0.05

/** What alibi-detect 0.11.4 reached with MMDDrift (100 permutations, p ≤ .05) on the same data: 8 to 20 batches a share. */
const PEER: ReadonlyMap<string, readonly number[]> = new Map([
  ['sst2 and mail', [0.125, 1, 1]],
  ['elec2 after and before', [0.1, 0.2, 1]],
])
/** Its seconds a batch; a thousandth of them is the target, in milliseconds. */
const PEER_SECONDS = 2.6

async function ofSet(set: DriftData, { seeds, quick, note }: BenchOptions): Promise<Section> {
  const [cleanBatches, foreignBatches] = quick ? [100, 20] : [500, 100]
  const power = SHARES.map((): number[] => [])
  const times: number[] = []
  let alarms = 0
  for (const seed of seeds) {
    const { trusted, pool } = drawnParts(set, TRUSTED, seed)
    const baseline = await fitted(trusted, { encoder: set.encoder, detectors: ['distribution-shift'], seed })
    const [found] = baseline.detectors
    if (found === undefined) throw new Error(`distribution-shift is off: ${JSON.stringify(baseline.manifest.off)}`)
    const { detector, fitted: state } = found
    // encoded once: a batch of these rows is what would have been encoded had only they arrived
    const encoded = await encodedBy(baseline, select(set.records, [...pool, ...set.foreign]))
    const [own, other] = [Int32Array.from(pool.keys()), Int32Array.from(set.foreign.keys()).map((i) => pool.length + i)]
    const uniform = random(1000 + seed)
    let spent = 0
    const rate = (share: number, batches: number) => {
      let fired = 0
      for (let i = 0; i < batches; i++) {
        const batch = selectEncoded(encoded, mixedBatch(own, other, set.size, share, uniform))
        const started = process.cpuUsage()
        const { measurements } = detector.measure(batch, state, detector.memory.empty())
        spent += process.cpuUsage(started).user / 1000
        // a batch alarms where the e-value of its p-value is that of .05 or more
        const stream = measurements.find((each) => each.kind === 'increment' && each.subject.kind === 'stream')
        if (stream?.kind === 'increment' && (stream.logE[0] ?? 0) >= logPToE(ALPHA)) fired++
      }
      return fired
    }
    const wrong = rate(0, cleanBatches)
    alarms += wrong
    SHARES.forEach((share, i) => power[i]?.push(rate(share, foreignBatches) / foreignBatches))
    times.push(spent / (cleanBatches + SHARES.length * foreignBatches))
    note(
      `drift ${set.name} seed ${seed}: ${wrong} of ${cleanBatches} clean batches, ${power.map((p) => p.at(-1)).join(', ')}`,
    )
  }
  const trials = cleanBatches * seeds.length
  const { lower, upper } = clopperPearson(alarms, trials)
  const peer = PEER.get(set.name)
  const figures: Figure[] = [
    ...SHARES.map((share, i): Figure => {
      const least = peer?.[i]
      return {
        what: `${share * 100} % foreign: power`,
        values: power[i] ?? [],
        ...(least !== undefined && { target: { atLeast: least } }),
      }
    }),
    {
      what: `${alarms} of ${trials} clean batches at p ≤ ${ALPHA}: 95 % from ${lower.toFixed(3)} to`,
      values: [upper],
      target: { atMost: 2 * ALPHA },
    },
    {
      what: 'milliseconds of processor time a batch, encoding left out',
      values: times,
      target: { atMost: PEER_SECONDS },
      show: (value) => value.toFixed(2),
    },
  ]
  return {
    title: `Foreign records: ${set.name}`,
    setting: `batches of ${set.size}, ${TRUSTED} trusted at random (${TRUSTED / 2} reference), distribution-shift alone, one batch judged on its own at p ≤ ${ALPHA}; ${foreignBatches} batches a share and seed. Targets are the figures of alibi-detect’s MMDDrift at the same level, and a thousandth of its time`,
    figures,
  }
}

export const bench: Bench = {
  about: 'foreign records in a batch, slow ramps, and clean records',
  async run(options) {
    const sections: Section[] = []
    const sets = await driftData()
    for (const set of sets) sections.push(await ofSet(set, options))
    sections.push(await frogs(sets, options))
    return sections
  },
}
