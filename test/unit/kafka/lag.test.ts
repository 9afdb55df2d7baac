import { expect, it } from 'vitest'
import { openLag } from '../../../src/kafka/lag.ts'

it('counts seconds from when the end was first beyond the reader', () => {
  let now = 0
  const lag = openLag(() => now)
  expect(lag.behind(5n)).toEqual({ records: 0n, seconds: 0 })
  lag.ends(10n)
  now = 4000
  lag.ends(30n)
  now = 6000
  expect(lag.behind(5n)).toEqual({ records: 25n, seconds: 6 })
  expect(lag.behind(20n)).toEqual({ records: 10n, seconds: 2 })
  expect(lag.behind(30n)).toEqual({ records: 0n, seconds: 0 })
  lag.ends(31n)
  expect(lag.behind(30n)).toEqual({ records: 1n, seconds: 0 })
})

it('keeps a bounded number of samples', () => {
  let now = 0
  const lag = openLag(() => now)
  for (let i = 1; i <= 20_000; i++) {
    now += 2000
    lag.ends(BigInt(i))
  }
  expect(lag.behind(0n).records).toBe(20_000n)
  expect(lag.behind(19_999n).records).toBe(1n)
})
