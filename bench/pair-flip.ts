import { select } from '../src/core/batch.ts'
import { permutation, random } from '../src/stats/random.ts'
import { clopperPearson } from '../src/stats/clopper-pearson.ts'
import { poison, type Attack } from '../datasets/attack.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { withSources } from '../datasets/sources.ts'
import { fitted } from './fitted.ts'
import { randomParts } from './parts.ts'
import { mean, type Bench } from './report.ts'
import { judged } from './streams.ts'

const TRUSTED = 6000
const SOURCES = 50
const RECORDS_A_SOURCE = 300
const STREAM = SOURCES * RECORDS_A_SOURCE
const BATCH = 500
const FROM = '7'
const TO = '1'
const SHARE = 0.4
const BUDGET = 10_000

interface Trial {
  readonly caught: boolean // the right source and pair
  readonly records: number // of the source, until caught
  readonly wrong: number // pair alarms that name another source or pair
}

export const bench: Bench = {
  about: 'one source of 50 flips 40 % of one class',
  async run({ seeds, quick, note }) {
    const mnist = await loadMnist()
    const attack = (await loadAttacks()).get('source-flip') as Attack
    const trialsASeed = quick ? 4 : 15
    const power: number[] = []
    const named: number[] = []
    const delays: number[] = []
    let caughtInAll = 0
    for (const seed of seeds) {
      const uniform = random(seed)
      const parts = randomParts(mnist, TRUSTED, mnist.id.length - TRUSTED, seed)
      const baseline = await fitted(withSources(parts.trusted, SOURCES, uniform), {
        encoder: 'image-pixels',
        encoderParams: { dims: 64 },
        seed,
      })
      const trials: Trial[] = []
      for (let trial = 0; trial < trialsASeed; trial++) {
        const rows = permutation(parts.stream.id.length, uniform).slice(0, STREAM)
        const clean = withSources(select(parts.stream, rows), SOURCES, uniform)
        const source = `s${String(Math.floor(uniform() * SOURCES)).padStart(2, '0')}`
        const dose = { seed: seed * 1000 + trial, rate: SHARE }
        const { records } = poison(attack, clean, dose, { source, from: FROM, to: TO })
        const { alarms } = await judged(baseline, records, { size: BATCH, perBatches: BUDGET })
        const pairs = alarms.flatMap(({ subject, batch }) => (subject.kind === 'pair' ? [{ subject, batch }] : []))
        const right = pairs.filter(
          ({ subject }) => subject.source === source && subject.from === FROM && subject.to === TO,
        )
        const last = (right[0]?.batch ?? -1) * BATCH + BATCH
        const sent = records.source.codes.subarray(0, last).filter((code) => records.source.values[code] === source)
        trials.push({ caught: right.length > 0, records: sent.length, wrong: pairs.length - right.length })
      }
      const caught = trials.filter((each) => each.caught)
      const wrong = trials.reduce((sum, each) => sum + each.wrong, 0)
      caughtInAll += caught.length
      power.push(caught.length / trials.length)
      named.push(caught.length === 0 ? 0 : caught.length / (caught.length + wrong))
      delays.push(mean(caught.map((each) => each.records)))
      note(`pair-flip seed ${seed}: caught ${caught.length} of ${trials.length}, wrong pairs ${wrong}`)
    }
    const { lower, upper } = clopperPearson(caughtInAll, trialsASeed * seeds.length)
    return [
      {
        title: 'A source that flips a label pair',
        setting: `MNIST, pixel PCA-64, ${TRUSTED} trusted, ${SOURCES} sources of ${RECORDS_A_SOURCE} records in batches of ${BATCH}, one flips ${SHARE * 100} % of its ${FROM}s to ${TO}; every detector on; budget 1 in ${BUDGET} batches; ${trialsASeed} streams a seed; power over all ${caughtInAll}/${trialsASeed * seeds.length}, 95 % interval ${lower.toFixed(3)} to ${upper.toFixed(3)}`,
        figures: [
          { what: 'power', values: power, target: { atLeast: 0.95 } },
          { what: 'pair alarms that name the right source and pair', values: named, target: { atLeast: 1 } },
          { what: 'records of the source until caught, mean', values: delays, show: (value) => value.toFixed(0) },
        ],
      },
    ]
  },
}
