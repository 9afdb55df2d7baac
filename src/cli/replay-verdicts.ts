import type { Outcome } from '../core/line.ts'
import type { Decision } from '../core/verdict.ts'
import { cut, mostBytes } from '../engine/events/bounds.ts'
import { place } from './wording.ts'

/** A record that is judged otherwise. */
export interface Change {
  readonly id: string
  readonly where: string
  readonly from: Decision
  readonly to: Decision
  readonly reason: string // of the worse one; empty where it is not known any more
}

interface Known {
  readonly decision: Decision
  readonly reason: string
}

const decisions: readonly Decision[] = ['pass', 'quarantine', 'dead-letter']
const block = 65_536
const mostReasons = 65_000 // two bytes a row name them; of more, decisions are kept without their reasons

// What stands in a reason comes from data, and can be as long as a message.
const told = (reason: string) => cut(reason, mostBytes.summary)

/** What was decided of each row, in two bytes a row, for another run over the same rows in the same order. */
export function openVerdicts() {
  const known: Known[] = decisions.map((decision) => ({ decision, reason: '' }))
  const indices = new Map(known.map((each, i) => [keyOf(each), i]))
  const blocks: Uint16Array[] = []
  let kept = 0
  let compared = 0

  const indexOf = (each: Known): number => {
    const found = indices.get(keyOf(each))
    if (found !== undefined) return found
    if (known.length >= mostReasons) return decisions.indexOf(each.decision)
    indices.set(keyOf(each), known.length)
    return known.push(each) - 1
  }
  return {
    keep({ verdict }: Outcome): void {
      for (const { decision, reason } of verdict.rulings) {
        if (kept % block === 0) blocks.push(new Uint16Array(block))
        const last = blocks.at(-1)
        if (last !== undefined) last[kept % block] = indexOf({ decision, reason: told(reason) })
        kept++
      }
    },
    /** Rows of a batch of the other run that are decided otherwise. */
    changesIn({ batch, verdict }: Outcome): Change[] {
      const ids = new Map(Array.from(batch.id, (id, i) => [`${batch.messageOf[i]} ${batch.rowOf[i]}`, id]))
      const changes: Change[] = []
      for (const { message, row, decision, reason } of verdict.rulings) {
        const at = compared++
        const before = at < kept ? known[blocks[Math.floor(at / block)]?.[at % block] ?? 0] : undefined
        if (before === undefined || before.decision === decision) continue
        const position = batch.messages[message]?.at
        const where = position === undefined ? '' : place(position, row)
        const isWorse = decisions.indexOf(decision) > decisions.indexOf(before.decision)
        changes.push({
          id: ids.get(`${message} ${row}`) ?? where,
          where,
          from: before.decision,
          to: decision,
          reason: isWorse ? told(reason) : before.reason,
        })
      }
      return changes
    },
  }
}

const keyOf = ({ decision, reason }: Known) => `${decision} ${reason}`
