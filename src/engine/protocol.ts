import type { FitInput, FitStep } from '../baseline/fit.ts'
import type { Manifest } from '../baseline/manifest.ts'
import type { Records } from '../core/batch.ts'
import type { Code, Problem } from '../core/errors.ts'
import type { Position } from '../core/message.ts'
import type { Budget } from './budget.ts'

/** What the desk asks of a compute thread. A judge is named by the id of the question that started it. */
export type Question = { readonly id: number } & Asked
export type Asked =
  | { readonly ask: 'backend'; readonly preferred?: 'wasm' | 'cpu' }
  | { readonly ask: 'fit'; readonly baseline: Omit<FitInput, 'onProgress'>; readonly folder: string }
  | { readonly ask: 'open'; readonly folder: string; readonly digest?: string }
  | { readonly ask: 'close'; readonly baseline: string } // digest
  | {
      readonly ask: 'start'
      readonly baseline: string
      readonly budget: Budget
      readonly snapshot?: Uint8Array
      readonly tests?: boolean
    }
  | { readonly ask: 'judge'; readonly judge: number; readonly records: Records; readonly at: Position }
  | { readonly ask: 'snapshot'; readonly judge: number }
  | { readonly ask: 'end'; readonly judge: number }

export interface Failure {
  readonly code: Code | null // null: not an error of ours
  readonly message: string
  readonly problems: readonly Problem[]
}

export type Answer = { readonly id: number } & (
  | { readonly result: unknown }
  | { readonly failure: Failure }
  | { readonly progress: FitStep }
)

export interface BaselineInfo {
  readonly digest: string
  readonly manifest: Manifest
}

/** Of a baseline that was opened: also what can be at work on a batch, by stage. */
export interface OpenedInfo extends BaselineInfo {
  readonly stages: readonly string[]
}

/** Memory that both threads see, so that the desk knows what a thread that does not answer is at: two integers. */
export interface Progress {
  readonly cells: Int32Array
}
export const questionCell = 0 // id of the question being answered; 0: none
export const stageCell = 1 // index in the stages of its baseline
