import { describe, expect, it } from 'vitest'
import { startBackend } from '../../../src/tensor/backend.ts'
import { matMul } from '../../../src/tensor/mat-mul.ts'

describe('startBackend without the wasm file', () => {
  it('runs in plain JavaScript and says why', async () => {
    const backend = await startBackend('wasm', '/nowhere')
    expect(backend.name).toBe('cpu')
    expect(backend.detail).toMatch(/plain JavaScript \(slow\).*WebAssembly did not start from \/nowhere/)
    const product = await matMul(
      { rows: 1, cols: 2, data: Float32Array.of(1, 2) },
      { rows: 2, cols: 1, data: Float32Array.of(3, 4) },
    )
    expect(product).toEqual({ rows: 1, cols: 1, data: Float32Array.of(11) })
  })
})
