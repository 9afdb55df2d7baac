/** What a measurement, an alarm or a finding is about. */
export type Subject =
  | { readonly kind: 'stream' }
  | { readonly kind: 'source'; readonly name: string }
  | { readonly kind: 'label'; readonly name: string }
  | { readonly kind: 'pair'; readonly source: string; readonly from: string; readonly to: string } // labels: content says `from`, given `to`
  | { readonly kind: 'feature'; readonly feature: number; readonly label: string }

/** Larger is worse, always. What it takes to turn the number into evidence is the engine's business. */
export type Measurement =
  /** One score a record, NaN = does not apply. Becomes conformal p-values against calibration scores of the same label. */
  | { readonly kind: 'scores'; readonly scores: Float64Array }
  /** A statistic of `records` records; its p-value comes from its bootstrap null at exactly this size. */
  | { readonly kind: 'statistic'; readonly subject: Subject; readonly value: number; readonly records: number }
  /**
   * log e-values of this batch's new records, one a bet of a mixture: E[exp(logE[b])] ≤ 1 on clean data, given the past.
   * The engine multiplies them up over batches.
   */
  | { readonly kind: 'increment'; readonly subject: Subject; readonly logE: Float64Array; readonly records: number }
  /**
   * The level that a detector's own running evidence about a subject has reached, as log of an e-process times
   * the subject's share of the detector's budget (shares sum to at most 1 over all subjects that could ever appear).
   * `records` support it. A detector reports every subject that stands above 1: what it leaves out has fallen back.
   */
  | { readonly kind: 'level'; readonly subject: Subject; readonly logE: number; readonly records: number }
  /** Not enough data yet to test the subject: it waits, and is not passed. */
  | { readonly kind: 'insufficient'; readonly subject: Subject; readonly records: number; readonly needed: number }

/** What a reviewer is told. */
export interface Explanation {
  readonly summary: string // one sentence a labelling manager understands
  readonly suspects: readonly number[] // rows, worst first
  readonly facts: Readonly<{ [name: string]: string | number | readonly (string | number)[] }>
}

/** A key that is equal for equal subjects, and for nothing else. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'stream':
      return JSON.stringify(['stream'])
    case 'source':
    case 'label':
      return JSON.stringify([subject.kind, subject.name])
    case 'pair':
      return JSON.stringify(['pair', subject.source, subject.from, subject.to])
    case 'feature':
      return JSON.stringify(['feature', subject.feature, subject.label])
  }
}
