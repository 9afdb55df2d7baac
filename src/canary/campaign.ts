import { sizeOf, type Records } from '../core/batch.ts'
import type { Position } from '../core/message.ts'
import type { Opened } from '../engine/desk.ts'
import { queue, type Judge, type Judgement } from '../engine/judge.ts'
import type { Attack } from './attack.ts'
import { openRecent } from './recent.ts'
import type { Secret } from './secret.ts'
import { openTrial, type Trial } from './trial.ts'

export interface CampaignOptions {
  readonly attacks: ReadonlyMap<string, Attack>
  readonly secret: Secret
  readonly rate: number // share of a shadow's records that is poisoned
  readonly batches: number // that a trial may take
  readonly share: number // of batches that are judged a second time, with poisons; (0, 1]
}

/** What becomes of the trials of one stream. */
export interface Watch {
  /** A trial begins with batch `batch` of the stream, counted from 0. */
  begun?(batch: number): void
  finished(trial: Trial): void
  readonly pass?: number // which time the same stream is read, from 0: each has draws of its own
}

type Start = Pick<Opened, 'start'>

/**
 * Poisons that are tried beside streams. What it gives is used as a baseline is: its judges say of each batch what they
 * would say without, and beside that at most one shadow of each stream's judge is attacked. Attacks take turns over all
 * streams.
 */
export function openCampaign({ attacks, secret, rate, batches, share }: CampaignOptions) {
  const begun = new Map([...attacks.keys()].map((name) => [name, 0]))

  /** An attack that had the fewest turns. */
  const next = (place: readonly (string | number | bigint)[]): string | undefined => {
    const uniform = secret.draw('attack', ...place)
    const [first] = [...begun]
      .map(([name, turns]) => ({ name, turns, tie: uniform() }))
      .toSorted((a, b) => a.turns - b.turns || a.tie - b.tie)
    if (first !== undefined) begun.set(first.name, first.turns + 1)
    return first?.name
  }

  return (by: Start, watch: Watch): Start => ({
    async start(snapshot) {
      const own = await by.start(snapshot)
      const recent = openRecent()
      let trial: ReturnType<typeof openTrial> | null = null
      let chance = share // of a trial to begin with the next batch
      let judged = 0
      let due: { readonly attack: string; waited: number } | null = null

      const begin = async (at: Position): Promise<void> => {
        const known = recent.all()
        const place = [watch.pass ?? 0, at.topic, at.partition, at.offset]
        if (known === null) return
        if (due === null) {
          const attack = secret.draw('begin', ...place)() < chance ? next(place) : undefined
          if (attack === undefined) return
          due = { attack, waited: 0 }
        }
        // An attack waits for records that allow it: were another tried instead, that one would have more trials.
        const { attack } = due
        const uniform = secret.draw('poison', attack, ...place)
        const poison = attacks.get(attack)?.plan(known, uniform) ?? null
        if (poison === null) {
          if (++due.waited >= batches) due = null
          return
        }
        due = null
        const mark = secret.mark(attack, ...place)
        trial = openTrial(await by.start(await own.snapshot()), { attack, mark, poison, uniform, rate, batches, at })
        watch.begun?.(judged)
      }
      const end = async (taken: Trial | 'void') => {
        const length = trial?.batches() ?? 1
        await trial?.close()
        trial = null
        // The mean of the pause, (1 - chance) / chance batches, makes `share` of pause and trial.
        chance = share / (share + Math.max(1, length) * (1 - share))
        if (taken !== 'void') watch.finished(taken)
      }
      const judge = async (records: Records, at: Position): Promise<Judgement> => {
        recent.add(records)
        if (trial === null) await begin(at)
        judged++
        if (trial === null) return own.judge(records, at)
        const [judgement, other] = await Promise.all([own.judge(records, at), trial.judge(records, at)])
        const taken = trial.take(judgement, other, sizeOf(records))
        if (taken !== null) await end(taken)
        return judgement
      }

      const inTurn = queue()
      const canary: Judge = {
        judge: (records, at) => inTurn(() => judge(records, at)),
        snapshot: () => inTurn(() => own.snapshot()),
        close: () =>
          inTurn(async () => {
            await trial?.close()
            trial = null
            await own.close()
          }),
      }
      return canary
    },
  })
}
