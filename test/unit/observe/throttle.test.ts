import { expect, it } from 'vitest'
import { openThrottle } from '../../../src/observe/throttle.ts'
import { fakeClock } from './fake-clock.ts'

it('lets each key through once in a while and says what was left out', () => {
  const clock = fakeClock()
  const through = openThrottle(clock, 1000)
  expect([through('a'), through('a'), through('b'), through('a')]).toEqual([0, null, 0, null])
  clock.pass(1000)
  expect([through('a'), through('b')]).toEqual([2, 0])
})

it('forgets the oldest of very many keys', () => {
  const through = openThrottle(fakeClock(), 1000)
  for (let i = 0; i < 1001; i++) expect(through(`${i}`)).toBe(0)
  expect(through('1000')).toBeNull()
  expect(through('0')).toBe(0)
})
