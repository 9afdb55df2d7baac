import { expect, it } from 'vitest'
import { normal, permutation, random } from '../../../src/stats/random.ts'

it('repeats itself for a seed, and differs between seeds', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, random(seed))
  expect(draw(3)).toEqual(draw(3))
  expect(new Set([0, 1, 2, 2 ** 32, 2 ** 40].map((seed) => draw(seed).join())).size).toBe(5)
})

it('permutes', () => {
  const order = permutation(100, random(1))
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  expect([...order]).not.toEqual([...order].toSorted((a, b) => a - b))
  expect(permutation(0, random(1))).toHaveLength(0)
})

it('gives every order of three about as often', () => {
  const uniform = random(5)
  const seen = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = permutation(3, uniform).join()
    seen.set(order, (seen.get(order) ?? 0) + 1)
  }
  // 1000 expected each, standard deviation 29
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  expect(seen.size).toBe(6)
})

it('draws normal numbers of mean 0 and variance 1, always finite', () => {
  const uniform = random(9)
  let sum = 0
  let squares = 0
  for (let i = 0; i < 20_000; i++) {
    const x = normal(uniform)
    sum += x
    squares += x * x
  }
  expect(Math.abs(sum / 20_000)).toBeLessThan(0.03)
  expect(Math.abs(squares / 20_000 - 1)).toBeLessThan(0.05)
  expect(normal(() => 0)).toBeCloseTo(0)
})
