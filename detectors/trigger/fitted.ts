import type { Trusted } from './trusted.ts'

export interface Fitted {
  readonly trusted: Trusted
  readonly capacity: number
  readonly temper: number
  readonly entrySpread: number
  readonly spreadPower: number
}
