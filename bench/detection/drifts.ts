import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { select } from '../../src/core/batch.ts'
import { selectEncoded } from '../../src/core/encoded.ts'
import { logPToE } from '../../src/stats/log-p-to-e.ts'
import { random } from '../../src/stats/random.ts'
import { drawnParts, mixedBatch, type DriftData } from '../drift-data.ts'
import { encodedBy, fitted } from '../fitted.ts'
import { peersFolder, pythonOf, run, type Environment } from './environment.ts'
import { bytesOf, inFolder } from './exchange.ts'

/** What somebody says of batches of which some hold foreign rows. */
export interface Judged {
  readonly who: string
  readonly isOurs: boolean
  readonly shares: readonly number[] // of foreign rows, by batch
  readonly statistics: readonly number[] // larger is worse
  readonly alarms: readonly boolean[] // at the documented defaults
  readonly seconds: number // a batch
}

const TRUSTED = 2000 // of which Taster keeps half as its reference; the peers are given that half
const SHARES = [0.05, 0.1, 0.2]
const CLEAN = 60
const FOREIGN = 20
const FEW = { clean: 20, foreign: 8 } // for peers that take seconds a batch

const peers: { readonly [of in Environment]: readonly string[] } = {
  main: ['evidently embeddings, model', 'evidently embeddings, mmd', 'river ADWIN', 'river KSWIN', 'river PageHinkley'],
  alibi: ['alibi-detect KSDrift', 'alibi-detect ClassifierDrift', 'alibi-detect MMDDrift'],
}

interface Answer {
  readonly peer: string
  readonly judged: readonly number[]
  readonly statistics: readonly number[]
  readonly alarms: readonly boolean[]
  readonly seconds: number
}

/** Taster's distribution-shift and the peers on the same batches of the same vectors, each batch by itself. */
export async function judgedBatches(set: DriftData, seed: number, note: (line: string) => void): Promise<Judged[]> {
  const { trusted, pool } = drawnParts(set, TRUSTED, seed)
  const baseline = await fitted(trusted, { encoder: set.encoder, detectors: ['distribution-shift'], seed })
  const [found] = baseline.detectors
  if (found === undefined) throw new Error(`distribution-shift is off: ${JSON.stringify(baseline.manifest.off)}`)
  const encoded = await encodedBy(baseline, select(set.records, [...pool, ...set.foreign]))
  const [own, other] = [Int32Array.from(pool.keys()), Int32Array.from(set.foreign.keys()).map((i) => pool.length + i)]
  const uniform = random(1000 + seed)
  const shares = [0, ...SHARES].flatMap((share) => Array.from({ length: share === 0 ? CLEAN : FOREIGN }, () => share))
  const batches = shares.map((share) => selectEncoded(encoded, mixedBatch(own, other, set.size, share, uniform)))

  const started = performance.now()
  const statistics = batches.map((batch) => {
    const { measurements } = found.detector.measure(batch, found.fitted, found.detector.memory.empty())
    const stream = measurements.find((each) => each.kind === 'increment' && each.subject.kind === 'stream')
    return stream?.kind === 'increment' ? (stream.logE[0] ?? 0) : 0
  })
  const ours: Judged = {
    who: 'Taster distribution-shift',
    isOurs: true,
    shares,
    statistics,
    alarms: statistics.map((logE) => logE >= logPToE(0.05)),
    seconds: (performance.now() - started) / 1000 / batches.length,
  }

  return inFolder(async (folder) => {
    const few = shares.flatMap((share, i) => {
      const rank = i - shares.indexOf(share)
      return rank < (share === 0 ? FEW.clean : FEW.foreign) ? [i] : []
    })
    const dims = encoded.vectors.cols
    await writeFile(join(folder, 'task.json'), JSON.stringify({ dims, size: set.size, few }))
    await writeFile(join(folder, 'reference.f32'), bytesOf(Float32Array.from(baseline.encoding.reference.vectors.data)))
    const rows = new Float32Array(batches.length * set.size * dims)
    batches.forEach(({ vectors }, i) => rows.set(vectors.data, i * set.size * dims))
    await writeFile(join(folder, 'batches.f32'), bytesOf(rows))
    const theirs: Judged[] = []
    for (const environment of ['main', 'alibi'] as const) {
      const args = [join(peersFolder(), 'drift.py'), folder, ...peers[environment]]
      const out = await run(await pythonOf(environment, note), args)
      for (const line of out.trimEnd().split('\n')) {
        const { peer, judged, ...answer } = JSON.parse(line) as Answer
        theirs.push({ who: peer, isOurs: false, shares: judged.map((i) => shares[i] ?? 0), ...answer })
      }
    }
    return [ours, ...theirs]
  })
}

/** Share of the batches with a share of foreign rows that alarm. */
export function alarmShare({ shares }: Judged, alarms: readonly boolean[], share: number): number {
  const rows = [...shares.keys()].filter((i) => shares[i] === share)
  return rows.filter((i) => alarms[i] === true).length / rows.length
}

/** Alarms by the lowest threshold at which no more than a share of the clean batches would alarm. */
export function alarmsAt({ shares, statistics }: Judged, falseAlarms: number): boolean[] {
  const clean = statistics.filter((_, i) => shares[i] === 0).toSorted((a, b) => b - a)
  const allowed = Math.floor(falseAlarms * clean.length + 1e-9)
  const threshold = clean[allowed] ?? -Infinity
  return statistics.map((value) => value > threshold)
}
