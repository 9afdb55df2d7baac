import { beforeAll, describe, expect, it } from 'vitest'
import detector from '../../../detectors/frequency-residual.ts'
import { poison, type Attack } from '../../../datasets/attack.ts'
import { loadMnist } from '../../../datasets/mnist.ts'
import { loadAttacks } from '../../../datasets/registry.ts'
import { randomParts } from '../../../bench/parts.ts'
import { ranking } from '../../../bench/ranking.ts'
import { select, type Records } from '../../../src/core/batch.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { startBackend } from '../../../src/tensor/backend.ts'

const labels = Array.from({ length: 10 }, (_, digit) => String(digit))
const params = detector.params.parse({ dims: 64 })
type Fitted = ReturnType<typeof detector.fit>
let fitted: Fitted
let stream: Records
let patch: Attack

/** What this detector reads of encoded records: their pixels and labels. */
function encoded(records: Records, known: readonly string[] = labels): Encoded {
  const rows = records.id.length
  return {
    records,
    vectors: { rows, cols: 0, data: new Float32Array() },
    features: { offsets: new Int32Array(rows + 1), ids: new Uint32Array() },
    nameOf: () => '',
    labels: known,
    label: records.label.codes.map((code) => known.indexOf(records.label.values[code] ?? '')),
    probabilities: { rows, cols: 0, data: new Float64Array() },
    nearest: new Int32Array(),
  }
}

function scoresOf(batch: Encoded, state: Fitted, memory = detector.memory.empty()) {
  const { measurements, memory: after } = detector.measure(batch, state, memory)
  const scored = measurements.find(({ kind }) => kind === 'scores')
  if (scored?.kind !== 'scores') throw new Error('no scores')
  return { scores: scored.scores, memory: after }
}

beforeAll(async () => {
  await startBackend()
  const parts = randomParts(await loadMnist(), 1800, 2000, 100)
  stream = parts.stream
  fitted = detector.fit(encoded(parts.trusted), params, 1)
  patch = (await loadAttacks()).get('clean-label-patch') as Attack
}, 120_000)

describe('frequency-residual', () => {
  it('finds a patch under true labels', () => {
    const { records, poisoned } = poison(patch, stream, { seed: 100, rate: 0.01 }, { to: '3' })
    const { auroc, tpr } = ranking(scoresOf(encoded(records), fitted).scores, poisoned)
    expect(auroc).toBeGreaterThan(0.99)
    expect(tpr).toBeGreaterThan(0.9)
  })

  it('finds it in small batches too, once enough of them have been seen', () => {
    const { records, poisoned } = poison(patch, stream, { seed: 100, rate: 0.02 }, { to: '3' })
    let memory = detector.memory.empty()
    const scores = new Float64Array(poisoned.length)
    for (let from = 0; from < poisoned.length; from += 50) {
      const rows = Array.from({ length: 50 }, (_, i) => from + i)
      const judged = scoresOf(encoded(select(records, rows)), fitted, memory)
      memory = judged.memory
      scores.set(judged.scores, from)
    }
    const late = ranking(scores.subarray(1000), poisoned.subarray(1000))
    expect(late.auroc).toBeGreaterThan(0.99)
    expect(late.tpr).toBeGreaterThan(0.9)
  })

  it('scores clean images as held-out ones, whatever it has seen before', () => {
    const { records } = poison(patch, stream, { seed: 100, rate: 0.05 }, { to: '3' })
    const before = scoresOf(encoded(records), fitted).memory
    const share = (memory = detector.memory.empty()) => {
      const { scores } = scoresOf(encoded(stream), fitted, memory)
      return scores.filter((score) => score > 1.645).length / scores.length
    }
    expect(share()).toBeLessThan(0.1)
    expect(share(before)).toBeLessThan(0.1)
  })

  it('says where the images differ', () => {
    const { records, poisoned } = poison(patch, stream, { seed: 100, rate: 0.02 }, { to: '3' })
    const batch = encoded(records)
    const { memory } = scoresOf(batch, fitted)
    const { summary, suspects, facts } = detector.explain({ kind: 'stream' }, batch, fitted, memory)
    expect(suspects.filter((row) => poisoned[row] === 1).length).toBeGreaterThan(15)
    expect(facts).toMatchObject({ images: 2000 })
    expect(Math.abs(Number(facts['row']) - 25) + Math.abs(Number(facts['column']) - 25)).toBeLessThan(4)
    expect(summary).toMatch(/near row 2\d, column 2\d of 28 × 28/)
  })

  it('tests streams without labels as a whole', () => {
    const unlabelled = detector.fit(
      encoded(
        select(
          stream,
          Array.from({ length: 300 }, (_, i) => i),
        ),
        [],
      ),
      params,
      1,
    )
    const { scores } = scoresOf(encoded(select(stream, [300, 301, 302]), []), unlabelled)
    expect(scores.some(Number.isNaN)).toBe(false)
  })

  it('has nothing to say about images of another shape or labels that it does not know', () => {
    const other = { ...stream, content: { ...stream.content, height: 14, width: 56 } } as Records
    expect(scoresOf(encoded(other), fitted).scores.every(Number.isNaN)).toBe(true)
    const unknown = encoded(stream)
    unknown.label.fill(-1)
    expect(scoresOf(unknown, fitted).scores.every(Number.isNaN)).toBe(true)
  })
})
