import { resultOf, resultsOf, type AttackResult } from '../canary/tally.ts'
import type { Trial } from '../canary/trial.ts'
import type { Budget } from '../engine/budget.ts'
import { startLearning } from '../engine/learning.ts'
import { run } from '../engine/line.ts'
import { prepare, type Place } from './canary-campaign.ts'
import type { CanaryRequest } from './canary-request.ts'
import { openPartProgress, type Input } from './replay-input.ts'
import { version } from './version.ts'

/** What poisons made of records that were read once have shown. */
export interface CanaryReport {
  readonly taster: string // version
  readonly input: string
  readonly baseline: string // digest
  readonly budget: Budget
  readonly rate: number
  readonly batches: number // that a trial may take
  readonly passes: number // times that the input was read
  readonly stream: { readonly records: number; readonly batches: number; readonly heldBack: number }
  readonly attacks: readonly AttackResult[]
  readonly all: AttackResult
  readonly cutOff: number // trials that the end of the records left without their batches: not counted
  readonly interrupted: boolean
}

/** Judges all of the input as a pipeline would, as often as asked, and tries poisons beside it. */
export async function canaryOnce(
  input: Input,
  request: CanaryRequest,
  { desk, scratch, signal }: Omit<Place, 'step'>,
): Promise<CanaryReport> {
  const progress = openPartProgress()
  const step = (text: string) => progress.step(text)
  try {
    const { opened, setup, attacks, campaign } = await prepare(request, input.from, { desk, scratch, signal, step })
    const trials: Trial[] = []
    const stream = { records: 0, batches: 0, heldBack: 0 }
    let cutOff = 0
    step(`judging ${input.description}, and trying ${attacks.join(', ')}`)
    for (let pass = 0; pass < request.passes && !signal.aborted; pass++)
      for await (const each of input.open(request.pipeline, setup)) {
        progress.at(each)
        const begun: number[] = []
        const ended: { readonly begun: number; readonly trial: Trial }[] = []
        let judged = 0
        const beside = campaign(opened, {
          begun: (batch) => void begun.push(batch),
          finished: (trial) => void ended.push({ begun: begun.at(-1) ?? 0, trial }),
          pass,
        })
        const learning = await startLearning(beside, setup.verify)
        try {
          await run(each.source, learning, setup, signal, {
            watch(outcome) {
              judged++
              progress.batch(outcome)
              if (pass > 0) return
              stream.batches++
              stream.records += outcome.batch.id.length
              for (const { decision } of outcome.verdict.rulings) if (decision === 'quarantine') stream.heldBack++
            },
          })
        } finally {
          await each.source.close()
          await learning.judge.close()
        }
        // Near the end only what is caught soon would be counted: a trial counts where all of its batches would have come.
        const isWhole = (first: number) => first + request.batches <= judged
        trials.push(...ended.filter((one) => isWhole(one.begun)).map(({ trial }) => trial))
        cutOff += begun.filter((first) => !isWhole(first)).length
        if (signal.aborted) break
      }
    await opened.close()
    return {
      taster: version,
      input: input.description,
      baseline: opened.digest,
      budget: request.pipeline.budget,
      rate: request.rate,
      batches: request.batches,
      passes: request.passes,
      stream,
      attacks: resultsOf(attacks, trials),
      all: resultOf('all', trials),
      cutOff,
      interrupted: signal.aborted,
    }
  } finally {
    progress.close()
  }
}
