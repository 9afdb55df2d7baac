import { describe, expect, it } from 'vitest'
import { byNeighbours, learnContent, scoreOf } from '../../../../detectors/trigger/content.ts'
import type { Encoded } from '../../../../src/core/encoded.ts'
import { random } from '../../../../src/stats/random.ts'
import { encodedOf, ordinary } from './documents.ts'

/** Documents whose vectors lean towards their label by so much, whatever their neighbours say. */
function leaning(by: number, seed: number): Encoded {
  const uniform = random(seed)
  const encoded = encodedOf(ordinary(300, uniform).map((document) => ({ ...document, agrees: uniform() })))
  const data = new Float32Array(300 * 3)
  encoded.label.forEach((label, row) => {
    for (let j = 0; j < 3; j++) data[row * 3 + j] = uniform() - 0.5
    data[row * 3] = (data[row * 3] ?? 0) + (label === 0 ? by : -by)
  })
  return { ...encoded, vectors: { rows: 300, cols: 3, data } }
}

describe('learnContent', () => {
  it('judges by a linear function where it tells labels apart and neighbours do not', () => {
    const { content, scores } = learnContent(leaning(0.4, 1), 7)
    expect(content.dims).toBe(3)
    expect(scores.every(Number.isFinite)).toBe(true)
    const fresh = leaning(0.4, 2)
    const flipped = { ...fresh, label: fresh.label.map((label) => 1 - label) }
    const stranger = fresh.label.filter((_, row) => scoreOf(flipped, row, content) > scoreOf(fresh, row, content))
    expect(stranger.length).toBeGreaterThan(250) // of 300, at best 270 or so
  })

  it('leaves it to neighbours where vectors say nothing, or there are none', () => {
    const encoded = encodedOf(ordinary(300, random(3)))
    expect(learnContent(encoded, 7).content).toEqual(byNeighbours)
    const noise = { ...encoded, vectors: leaning(0, 4).vectors }
    expect(learnContent(noise, 7).content).toEqual(byNeighbours)
  })

  it('scores no record without a label', () => {
    const encoded = leaning(0.4, 5)
    encoded.label[4] = -1
    const { scores } = learnContent(encoded, 7)
    expect(scores[4]).toBeNaN()
    expect(scores.filter((score) => Number.isNaN(score))).toHaveLength(1)
  })
})

it('falls back on neighbours for vectors of other dimensions than were learnt from', () => {
  const { content } = learnContent(leaning(0.4, 1), 7)
  const encoded = encodedOf(ordinary(5, random(6)))
  expect(scoreOf(encoded, 0, content)).toBe(scoreOf(encoded, 0, byNeighbours))
})
