import { describe, expect, it } from 'vitest'
import detector from '../../../detectors/slow-drift.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { logMeanExp } from '../../../src/stats/log-mean-exp.ts'
import { synthetic } from '../../contract/synthetic.ts'

const reference = synthetic({ rows: 3000, seed: 1, copies: 0, sources: 4 })
const fitted = detector.fit(reference, detector.params.parse({}), 1)
const threshold = Math.log(100_000)

/** Every coordinate moves by as many standard deviations. */
function moved(batch: Encoded, by: number): Encoded {
  const data = batch.vectors.data.map((value, i) => value + by * (i % 2 === 0 ? 1 : -1))
  return { ...batch, vectors: { ...batch.vectors, data } }
}

/** The batch, from 1, in which a CUSUM of the evidence crosses the threshold; null: none of 60. */
function firstAlarm(subject: string, batchAt: (batch: number) => Encoded): number | null {
  let memory = detector.memory.empty()
  let logE: Float64Array | null = null
  for (let batch = 1; batch <= 60; batch++) {
    const measured = detector.measure(batchAt(batch), fitted, memory)
    memory = measured.memory
    const increment = measured.measurements.find(
      (each) =>
        each.kind === 'increment' && (each.subject.kind === 'source' ? each.subject.name : 'stream') === subject,
    )
    if (increment?.kind !== 'increment') continue
    logE = increment.logE.map((e, bet) => Math.max(0, logE?.[bet] ?? 0) + e)
    if (logMeanExp(logE) > threshold) return batch
  }
  return null
}

const clean = (batch: number) => synthetic({ rows: 1000, seed: 500 + batch, copies: 0, sources: 4 })

describe('slow-drift', () => {
  it('stays silent on clean records', () => {
    expect(firstAlarm('stream', clean)).toBeNull()
    expect(firstAlarm('source 1', clean)).toBeNull()
  })

  it('notices a mean that moves by .002 standard deviations a batch before it has moved by .12', () => {
    const batch = firstAlarm('stream', (at) => moved(clean(at), 0.002 * at))
    expect(batch).not.toBeNull()
    expect(0.002 * (batch ?? NaN)).toBeLessThanOrEqual(0.12)
  })

  it('notices foreign records that become more frequent', () => {
    const batch = firstAlarm('stream', (at) => {
      const { vectors, ...rest } = clean(at)
      const data = vectors.data.slice()
      for (let row = 0; row < (1000 * 0.05 * at) / 60; row++) data.fill(row % 2 === 0 ? 6 : -6, row * 8, row * 8 + 8)
      return { ...rest, vectors: { ...vectors, data } }
    })
    expect(batch).not.toBeNull()
  })

  it('follows a source by what it sent before', () => {
    const only = (batch: Encoded, by: number): Encoded => {
      const shifted = moved(batch, by).vectors.data
      const { codes, values } = batch.records.source
      const data = batch.vectors.data.map((value, i) =>
        values[codes[Math.floor(i / 8)] ?? -1] === 'source 1' ? (shifted[i] ?? 0) : value,
      )
      return { ...batch, vectors: { ...batch.vectors, data } }
    }
    expect(firstAlarm('source 1', (at) => only(clean(at), 0.01 * at))).not.toBeNull()
    expect(firstAlarm('source 2', (at) => only(clean(at), 0.01 * at))).toBeNull()
  })

  it('tells how far it has drifted, and names the rows that lie farthest that way', () => {
    let memory = detector.memory.empty()
    for (let batch = 1; batch <= 20; batch++) memory = detector.measure(moved(clean(batch), 0.3), fitted, memory).memory
    const { summary, suspects, facts } = detector.explain({ kind: 'stream' }, moved(clean(21), 0.3), fitted, memory)
    expect(summary).toMatch(
      /^the content of the stream has drifted little by little: its mean over the last \d+ records/,
    )
    expect(suspects).toHaveLength(20)
    expect(Math.abs(Number(facts['shift']))).toBeGreaterThan(0.1)
  })
})
