import { parentPort, workerData } from 'node:worker_threads'
import type { Baseline } from '../baseline/baseline.ts'
import { openEncoding, type OpenEncoding } from '../baseline/encode.ts'
import { fitBaseline } from '../baseline/fit.ts'
import { loadBaseline, saveBaseline } from '../baseline/store.ts'
import { TasterError } from '../core/errors.ts'
import { startBackend } from '../tensor/backend.ts'
import { openJudge, stagesOf, type Judge } from './judge.ts'
import { questionCell, stageCell, type Answer, type Failure, type Progress, type Question } from './protocol.ts'

// A compute thread, with a device of its own: it fits baselines and judges batches, one question at a time, in the order
// asked.

/** A baseline in use, its reference on the device. */
interface Loaded {
  readonly baseline: Baseline
  readonly encoding: OpenEncoding
  users: number
}

const { cells } = workerData as Progress
const loaded = new Map<string, Loaded>() // by digest
const judges = new Map<number, Judge>() // by the question that started it

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'backend':
      return startBackend(question.preferred)
    case 'fit': {
      const { baseline, folder } = question
      const fitted = await fitBaseline({ ...baseline, onProgress: (step) => post({ id: question.id, progress: step }) })
      await saveBaseline(fitted, folder)
      return { digest: fitted.digest, manifest: fitted.manifest }
    }
    case 'open': {
      const { baseline } = await open(question.folder, question.digest)
      return { digest: baseline.digest, manifest: baseline.manifest, stages: stagesOf(baseline) }
    }
    case 'close':
      return close(question.baseline)
    case 'start': {
      const { baseline, encoding } = known(loaded.get(question.baseline))
      const onStage = (stage: number) => Atomics.store(cells, stageCell, stage)
      judges.set(
        question.id,
        await openJudge(baseline, question.budget, question.snapshot, {
          encoding,
          onStage,
          tests: question.tests === true,
        }),
      )
      return question.id
    }
    case 'judge':
      return known(judges.get(question.judge)).judge(question.records, question.at)
    case 'snapshot':
      return known(judges.get(question.judge)).snapshot()
    case 'end': {
      await known(judges.get(question.judge)).close()
      return judges.delete(question.judge)
    }
  }
}

/** A digest names one baseline, wherever it is stored: the same one is loaded once. */
async function open(folder: string, digest: string | undefined): Promise<Loaded> {
  let found = digest === undefined ? undefined : loaded.get(digest)
  if (found === undefined) {
    const baseline = await loadBaseline(folder, digest === undefined ? {} : { expectDigest: digest })
    found = loaded.get(baseline.digest)
    found ??= { baseline, encoding: await openEncoding(baseline.encoding), users: 0 }
    loaded.set(baseline.digest, found)
  }
  found.users++
  return found
}

function close(digest: string): void {
  const found = known(loaded.get(digest))
  found.users--
  if (found.users > 0) return
  found.encoding.close()
  loaded.delete(digest)
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TasterError('INVARIANT_BROKEN', 'A judge or a baseline was asked that is closed')
  return value
}

function post(message: Answer, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function failureOf(error: unknown): Failure {
  if (error instanceof TasterError) return { code: error.code, message: error.message, problems: error.problems }
  return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error), problems: [] }
}

/** The memory of a result that is nobody else's is handed over rather than copied. */
function transferable(result: unknown): ArrayBuffer[] {
  const whole = result instanceof Uint8Array && result.byteLength === result.buffer.byteLength
  return whole && result.buffer instanceof ArrayBuffer ? [result.buffer] : []
}

let queue: Promise<void> = Promise.resolve()
parentPort?.on('message', (question: Question) => {
  queue = queue.then(async () => {
    Atomics.store(cells, stageCell, -1)
    Atomics.store(cells, questionCell, question.id)
    try {
      const result = await answer(question)
      post({ id: question.id, result }, transferable(result))
    } catch (error) {
      post({ id: question.id, failure: failureOf(error) })
    } finally {
      Atomics.store(cells, questionCell, 0)
    }
  })
})
