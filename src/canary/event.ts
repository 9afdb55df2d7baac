import type { CloudEvent } from '../core/line.ts'
import { idOf, sourceOf, timeOf, type EventType, type Origin } from '../engine/events.ts'
import { atOf } from '../engine/events/position.ts'
import type { Recall } from './tally.ts'
import type { Trial } from './trial.ts'

const type: EventType = 'taster.canary.finished'

export interface CanaryOrigin extends Origin {
  readonly policy: string // digest
}

/**
 * What is told of a trial: nothing of its poisons but their number. Its id follows from the secret and from where the
 * trial stands, its time is that of the last message judged, in epoch ms.
 */
export function canaryEvent(origin: CanaryOrigin, trial: Trial, soFar: Recall, time: number): CloudEvent {
  const { attack, mark, from, to, caught, detectors, admitted, poisons, records, batches, anyway, alwaysFire } = trial
  const { baseline, policy } = origin
  return {
    specversion: '1.0',
    id: idOf([type, baseline, policy, mark, batches]),
    source: sourceOf(origin.pipeline),
    type,
    time: timeOf(time),
    subject: attack,
    datacontenttype: 'application/json',
    data: {
      baseline,
      policy,
      attack,
      from: atOf(from),
      to: atOf(to),
      caught,
      detectors,
      admitted,
      poisons,
      records,
      batches,
      anyway,
      soFar: {
        trials: soFar.trials,
        caught: soFar.caught,
        recall: soFar.recall.value ?? 0,
        lower: soFar.recall.lower,
        upper: soFar.recall.upper,
        anyway: soFar.anyway,
      },
      alwaysFire: { recall: 1, admitted: 0, records: alwaysFire.records, heldBack: 1 },
    },
  }
}
