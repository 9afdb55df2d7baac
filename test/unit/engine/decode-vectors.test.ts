import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/engine/decode.ts'
import { codeOf, csvHeaders, message, of, vector } from './decode-messages.ts'

describe('decode of vectors', () => {
  it.each([
    ['{"v":[1,2]}', 'VALUE_WRONG_SHAPE'],
    ['{"v":[]}', 'VALUE_WRONG_SHAPE'],
    ['{"v":[1,2,null]}', 'VALUE_NOT_FINITE'],
    ['{"v":[1,2,1e999]}', 'VALUE_NOT_FINITE'],
    ['{"v":[1,2,1e300]}', 'VALUE_NOT_FINITE'],
    ['{"v":"1 2 NaN"}', 'VALUE_NOT_FINITE'],
    ['{"v":[1,2,[3]]}', 'FIELD_MISTYPED'],
    ['{"v":"a b c"}', 'FIELD_MISTYPED'],
    ['{"v":7}', 'FIELD_MISTYPED'],
    ['{}', 'FIELD_MISSING'],
  ])('rejects %s', (value, code) => {
    expect(codeOf(value, vector)).toBe(code)
  })

  it('reads lists, text and columns', () => {
    const all = ['{"v":[1,2,3.5]}', '{"v":"[1, 2, 3.5]"}', '{"v":"1 2 3.5"}'].map((value) => message(value))
    const data = Float32Array.of(1, 2, 3.5, 1, 2, 3.5, 1, 2, 3.5)
    expect(decode(all, vector).content).toEqual({ kind: 'vector', vectors: { rows: 3, cols: 3, data } })
    const apart = decode([message('1,2', csvHeaders('x,y'))], of({ kind: 'vector', columns: ['x', 'y'] }))
    expect(apart.content).toEqual({ kind: 'vector', vectors: { rows: 1, cols: 2, data: Float32Array.of(1, 2) } })
  })

  it('goes by the first vector where no length is given', () => {
    const batch = decode([message('{"v":[1,2]}'), message('{"v":[1]}')], of({ kind: 'vector', column: 'v' }))
    expect(batch.rejected.map(({ code }) => code)).toEqual(['VALUE_WRONG_SHAPE'])
  })
})
