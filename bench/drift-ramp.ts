import { select, type Records } from '../src/core/batch.ts'
import { permutation, random } from '../src/stats/random.ts'
import { poison, type Attack } from '../datasets/attack.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { drawnParts, mixedBatch, type DriftData } from './drift-data.ts'
import { encodedBy, fitted } from './fitted.ts'
import type { BenchOptions, Figure, Section } from './report.ts'
import { judged } from './streams.ts'

const TRUSTED = 6000
const FEWEST = 10_000 // records to draw from
const BUDGET = 10_000
const DRIFT = ['class-shift', 'distribution-shift', 'slow-drift']
const STEP = 0.002 // standard deviations of each coordinate, a batch
const MEAN_BATCH = 1000
const MEAN_BATCHES = 80
const RATE_BATCH = 500
const RATE_BATCHES = 100
const MOST = 0.05 // foreign records in the last batch

/** Rows drawn with repetition, as records of their own. */
function redrawn(records: Records, rows: Int32Array, count: number, uniform: () => number): Records {
  const drawn = Int32Array.from({ length: count }, () => rows[Math.floor(uniform() * rows.length)] ?? 0)
  const some = select(records, drawn)
  return { ...some, id: some.id.map((id, i) => `${id}-${i}`) }
}

interface Ramp {
  readonly batch: number // of the first alarm, from 1; one more than there are where none came
  readonly by: string
}

async function firstAlarm(
  { trusted, stream }: { trusted: Records; stream: Records },
  encoder: string,
  seed: number,
  size: number,
): Promise<Ramp> {
  const baseline = await fitted(trusted, { encoder, detectors: DRIFT, seed })
  const { alarms, batches } = await judged(baseline, stream, { size, perBatches: BUDGET })
  const [first] = alarms
  return { batch: (first?.batch ?? batches) + 1, by: first?.detector ?? 'none' }
}

/** Content as vectors, as the encoder makes them: so that a mean can be moved whatever the content was. */
async function asVectors(set: DriftData, seed: number): Promise<DriftData> {
  const { trusted } = drawnParts(set, TRUSTED, seed)
  const baseline = await fitted(trusted, { encoder: set.encoder, detectors: ['label-disagreement'], seed })
  const { vectors } = await encodedBy(baseline, set.records)
  return { ...set, encoder: 'vector', records: { ...set.records, content: { kind: 'vector', vectors } } }
}

export async function frogs(sets: readonly DriftData[], { seeds, quick, note }: BenchOptions): Promise<Section> {
  const attack = (await loadAttacks()).get('mean-ramp') as Attack
  const figures: Figure[] = []
  // records drawn from a small pool again and again would have its chance mean, which is a shift of its own
  const large = sets.filter(({ clean }) => clean.length > TRUSTED + FEWEST)
  for (const set of large) {
    const means: number[] = []
    const rates: number[] = []
    let clean = 0
    for (const seed of quick ? seeds.slice(0, 1) : seeds) {
      const vectors = await asVectors(set, seed)
      const { trusted, pool } = drawnParts(vectors, TRUSTED, seed)
      const uniform = random(2000 + seed)
      const records = redrawn(vectors.records, pool, MEAN_BATCH * MEAN_BATCHES, uniform)
      const count = records.id.length
      const ramp = poison(attack, records, { seed, count }, { step: STEP, batch: MEAN_BATCH }).records
      const mean = await firstAlarm({ trusted, stream: ramp }, 'vector', seed, MEAN_BATCH)
      means.push(mean.batch * STEP)
      const unmoved = await firstAlarm({ trusted, stream: records }, 'vector', seed, MEAN_BATCH)
      clean += unmoved.batch <= MEAN_BATCHES ? 1 : 0
      const rows = Array.from({ length: RATE_BATCHES }, (_, b) => {
        const batch = mixedBatch(pool, set.foreign, RATE_BATCH, (MOST * (b + 1)) / RATE_BATCHES, uniform)
        return permutation(batch.length, uniform).map((i) => batch[i] ?? 0)
      })
      const stream = select(
        set.records,
        rows.flatMap((each) => [...each]),
      )
      const numbered = { ...stream, id: stream.id.map((id, i) => `${id}-${i}`) }
      const rate = await firstAlarm(
        { trusted: drawnParts(set, TRUSTED, seed).trusted, stream: numbered },
        set.encoder,
        seed,
        RATE_BATCH,
      )
      rates.push((rate.batch * MOST) / RATE_BATCHES)
      note(
        `drift ${set.name} seed ${seed}: mean ramp ${mean.batch} (${mean.by}), clean ${unmoved.batch} (${unmoved.by}), rate ramp ${rate.batch} (${rate.by})`,
      )
    }
    figures.push(
      {
        what: `${set.name}: mean ramp, shift at the first alarm, standard deviations`,
        values: means,
        target: { atMost: 0.12 },
      },
      { what: `${set.name}: runs without a ramp that alarm`, values: [clean], target: { atMost: 0 }, show: String },
      { what: `${set.name}: foreign records from 0 to ${MOST * 100} %, share at the first alarm`, values: rates },
    )
  }
  return {
    title: 'Boiling frog',
    setting: `${TRUSTED} trusted at random, ${DRIFT.join(', ')}, budget 1 in ${BUDGET} batches; mean ramp: every coordinate of the vectors moves by ${STEP} standard deviations a batch of ${MEAN_BATCH}, ${MEAN_BATCHES} batches drawn with repetition from records that were not trusted; rate ramp: ${RATE_BATCHES} batches of ${RATE_BATCH}`,
    figures,
  }
}
