import { expect, it } from 'vitest'
import { openLag } from '../../../src/kafka/lag.ts'

it('counts seconds from when the end was first beyond the reader', () => {
  let now = 0
  const lag = openLag(() => now)
  lag.ends(10n)
  expect(lag.behind()).toBeNull()
  lag.reached(5n)
  now = 4000
  lag.ends(30n)
  now = 6000
  expect(lag.behind()).toEqual({ records: 25n, seconds: 6 })
  lag.reached(20n)
  expect(lag.behind()).toEqual({ records: 10n, seconds: 2 })
  lag.reached(30n)
  expect(lag.behind()).toEqual({ records: 0n, seconds: 0 })
  lag.ends(31n)
  expect(lag.behind()).toEqual({ records: 1n, seconds: 0 })
})

it('keeps a bounded number of samples', () => {
  let now = 0
  const lag = openLag(() => now)
  lag.reached(0n)
  for (let i = 1; i <= 20_000; i++) {
    now += 2000
    lag.ends(BigInt(i))
  }
  expect(lag.behind()?.records).toBe(20_000n)
  lag.reached(19_999n)
  expect(lag.behind()?.records).toBe(1n)
})
