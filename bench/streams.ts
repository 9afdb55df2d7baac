import type { Baseline } from '../src/baseline/baseline.ts'
import { openJudge } from '../src/engine/judge.ts'
import type { Finding } from '../src/core/verdict.ts'
import type { Records } from '../src/core/batch.ts'
import type { Subject } from '../src/core/measurement.ts'
import { batches } from './parts.ts'

export interface Raised {
  readonly batch: number
  readonly detector: string
  readonly subject: Subject
  readonly finding: Finding
}

export interface Judged {
  readonly batches: number
  readonly alarms: readonly Raised[] // each once, in the batch that raised it
  readonly failed: number // batches in which a detector threw
}

export interface Run {
  readonly size: number // records a batch
  readonly perBatches: number // the budget: one false alarm in so many batches
}

/** Judges a stream as the engine does, from its first batch to its last, in this thread. */
export async function judged(baseline: Baseline, records: Records, { size, perBatches }: Run): Promise<Judged> {
  const judge = await openJudge(baseline, { falseAlarms: 1, batches: perBatches })
  const alarms: Raised[] = []
  let failed = 0
  let batch = 0
  try {
    for (const part of batches(records, size)) {
      const at = { topic: 'bench', partition: 0, offset: BigInt(batch * size) }
      const judgement = await judge.judge(part, at)
      failed += judgement.failed.length > 0 ? 1 : 0
      for (const finding of judgement.findings)
        if (finding.raised) alarms.push({ batch, detector: finding.detector, subject: finding.subject, finding })
      batch++
    }
  } finally {
    await judge.close()
  }
  return { batches: batch, alarms, failed }
}

export function subjectText(subject: Subject): string {
  switch (subject.kind) {
    case 'stream':
      return 'the stream'
    case 'source':
      return `source ${subject.name}`
    case 'label':
      return `label ${subject.name}`
    case 'pair':
      return `source ${subject.source}: ${subject.from} given as ${subject.to}`
    case 'feature':
      return `feature ${subject.feature} under ${subject.label}`
  }
}
