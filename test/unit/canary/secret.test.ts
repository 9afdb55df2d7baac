import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openSecret } from '../../../src/canary/secret.ts'
import { canaryKey } from '../../../src/cli/canary-key.ts'
import { TasterError } from '../../../src/core/errors.ts'

const key = Buffer.from('sixteen bytes, or more')
const numbers = (uniform: () => number, count = 40) => Array.from({ length: count }, uniform)

describe('openSecret', () => {
  it('draws by HMAC-SHA-256, block after block', () => {
    const [first = 0, ...rest] = numbers(openSecret(key).draw('begin', 'topic', 3, 7n))
    const block = createHmac('sha256', key)
      .update(JSON.stringify(['draw', ['begin', 'topic', '3', '7'], 1]))
      .digest()
    expect(first).toBe(block.readUInt32LE(0) / 2 ** 32)
    expect(new Set([first, ...rest]).size).toBe(40)
    for (const value of [first, ...rest]) expect(value >= 0 && value < 1).toBe(true)
  })

  it('draws the same for the same key and matter alone', () => {
    const drawn = numbers(openSecret(key).draw('begin', 1))
    expect(numbers(openSecret(key).draw('begin', 1))).toEqual(drawn)
    expect(numbers(openSecret(key).draw('begin', 2))).not.toEqual(drawn)
    expect(numbers(openSecret().draw('begin', 1))).not.toEqual(drawn)
    expect(numbers(openSecret().draw('begin', 1))).not.toEqual(numbers(openSecret().draw('begin', 1)))
    expect(openSecret(key).mark('a', 'b')).not.toBe(openSecret(key).mark('a,b'))
  })

  it('draws evenly', () => {
    const drawn = numbers(openSecret(key).draw('even'), 10_000)
    const counts = Array.from({ length: 10 }, (_, i) => drawn.filter((value) => Math.floor(value * 10) === i).length)
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150) // five standard deviations
  })
})

describe('canaryKey', () => {
  const refused = (env: { readonly [name: string]: string }): string => {
    try {
      canaryKey(env)
    } catch (error) {
      return error instanceof TasterError ? JSON.stringify([error.message, error.problems]) : String(error)
    }
    return ''
  }
  it('takes the key of the environment, and none where none is set', () => {
    expect(canaryKey({ TASTER_CANARY_KEY: 'sixteen bytes, or more', TASTER_CANARY_KEY_FILE: '' })).toEqual(key)
    expect(canaryKey({})).toBe(undefined)
  })
  it('refuses what could be guessed, and never says what it is', () => {
    expect(refused({ TASTER_CANARY_KEY: 'password' })).toMatch(/has 8 bytes, which could be guessed/)
    expect(refused({ TASTER_CANARY_KEY: 'password' })).not.toContain('password')
    expect(refused({ TASTER_CANARY_KEY: 'a', TASTER_CANARY_KEY_FILE: 'b' })).toMatch(/set one of the two/)
    expect(refused({ TASTER_CANARY_KEY_FILE: '/nowhere/key' })).toMatch(/cannot be read/)
  })
})
