import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'

export type BackendName = 'wasm' | 'cpu'

export interface Backend {
  readonly name: BackendName
  readonly detail: string // for people: what runs, and why not something faster
}

let started: Promise<Backend> | undefined

/**
 * Starts the fastest backend that this machine has: wasm (SIMD, one thread), else plain JavaScript. A thread has one
 * backend for good: the first call decides, later calls get what it started, whatever they prefer.
 * `wasmFolder` holds the .wasm files; by default the folder they are installed in.
 */
export function startBackend(preferred: BackendName = 'wasm', wasmFolder?: string): Promise<Backend> {
  started ??= start(preferred, wasmFolder)
  return started
}

/** How many tensors this thread holds: constant over batches unless something leaks. */
export function liveTensors(): number {
  return tf.memory().numTensors
}

async function start(preferred: BackendName, wasmFolder: string | undefined): Promise<Backend> {
  tf.enableProdMode() // without it, the cpu backend greets on stderr
  if (preferred === 'cpu') return startCpu('asked for')
  try {
    const wasm = await import('@tensorflow/tfjs-backend-wasm')
    const folder = wasmFolder ?? installedWasm()
    wasm.setWasmPaths(folder + sep)
    if (!(await tf.setBackend('wasm'))) return await startCpu(`WebAssembly did not start from ${folder}`)
    await tf.ready()
    const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'with SIMD' : 'without SIMD'
    return { name: 'wasm', detail: `WebAssembly ${simd}, one thread, TensorFlow.js ${tf.version_core}` }
  } catch (error) {
    return startCpu(`WebAssembly did not start: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function startCpu(why: string): Promise<Backend> {
  await tf.setBackend('cpu')
  await tf.ready()
  return { name: 'cpu', detail: `plain JavaScript (slow), TensorFlow.js ${tf.version_core}: ${why}` }
}

function installedWasm(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')
}
