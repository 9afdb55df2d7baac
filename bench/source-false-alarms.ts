import { clopperPearson } from '../src/stats/clopper-pearson.ts'
import { fitted } from './fitted.ts'
import type { Bench, Figure } from './report.ts'
import { cleanStreams } from './source-streams.ts'
import { judged, subjectText } from './streams.ts'

const BATCH = 50
const BUDGETS = [10_000, 1000]
const names = ['label-prior', 'source-fingerprint', 'duplicate-flood']

interface Count {
  readonly alarms: Map<string, number> // by detector
  batches: number
}

function figuresOf(what: string, { alarms, batches }: Count): Figure[] {
  return names.map((name) => {
    const count = alarms.get(name) ?? 0
    const { lower, upper } = clopperPearson(count, batches)
    return {
      what: `${what}, ${name}: ${count} alarms in ${batches} batches, 95 % up to ${upper.toExponential(1)}, from`,
      values: [lower],
      show: (value) => value.toExponential(1),
    }
  })
}

export const bench: Bench = {
  about: 'alarms of the detectors of labels, sources and copies on clean streams, one by one',
  async run({ seeds, quick, note }) {
    const figures: Figure[] = []
    const empty = (): Count => ({ alarms: new Map(), batches: 0 })
    const all = BUDGETS.map(empty)
    for (const stream of await cleanStreams(quick)) {
      const counts = BUDGETS.map(empty)
      for (const seed of stream.once ? seeds.slice(0, 1) : seeds) {
        const { trusted, stream: records } = stream.parts(seed)
        const baseline = await fitted(trusted, { ...stream.choice, detectors: names, seed })
        for (const [i, budget] of BUDGETS.entries()) {
          const { batches, alarms } = await judged(baseline, records, { size: BATCH, perBatches: budget })
          for (const count of [counts[i], all[i]]) {
            if (count === undefined) continue
            count.batches += batches
            for (const { detector } of alarms) count.alarms.set(detector, (count.alarms.get(detector) ?? 0) + 1)
          }
          const told = alarms.map(
            ({ detector, subject, batch, finding }) =>
              `\n    ${detector}: ${subjectText(subject)} in batch ${batch}: ${finding.explanation.summary}`,
          )
          note(
            `${stream.name} seed ${seed}, 1 in ${budget}: ${alarms.length} alarms in ${batches} batches${told.join('')}`,
          )
        }
      }
      BUDGETS.forEach((budget, i) => figures.push(...figuresOf(`${stream.name}, 1 in ${budget}`, counts[i] ?? empty())))
    }
    BUDGETS.forEach((budget, i) => figures.push(...figuresOf(`ALL, 1 in ${budget}`, all[i] ?? empty())))
    return [
      {
        title: 'False alarms on clean streams, detector by detector',
        setting: `batches of ${BATCH}; only these three detectors share the budget, so that each has more of it than in a full set; mail and elec2 in true order are honest drift`,
        figures,
      },
    ]
  },
}
