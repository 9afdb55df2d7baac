import { describe, expect, it } from 'vitest'
import { liveTensors, startBackend } from '../../../src/tensor/backend.ts'

describe('startBackend', () => {
  it('starts wasm where it is installed, once', async () => {
    const backend = await startBackend()
    expect(backend.name).toBe('wasm')
    expect(backend.detail).toMatch(/WebAssembly with SIMD, one thread, TensorFlow\.js \d/)
    expect(await startBackend('cpu')).toBe(backend)
    expect(liveTensors()).toBe(0)
  })
})
