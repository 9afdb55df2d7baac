import { parentPort } from 'node:worker_threads'
import { fitBaseline } from '../baseline/fit.ts'
import { loadBaseline, saveBaseline } from '../baseline/store.ts'
import { TasterError } from '../core/errors.ts'
import { startBackend } from '../tensor/backend.ts'
import { openJudge, type Judge } from './judge.ts'
import type { Answer, Failure, Question } from './desk.ts'

// The thread that owns the device: it fits baselines and judges batches, one question at a time, in the order asked.

let judge: Judge | undefined

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
      const baseline = await loadBaseline(
        question.folder,
        question.digest === undefined ? {} : { expectDigest: question.digest },
      )
      judge = await openJudge(baseline, question.budget)
      return { digest: baseline.digest, manifest: baseline.manifest }
    }
    case 'judge':
      if (judge === undefined) throw new TasterError('INVARIANT_BROKEN', 'A batch came before a baseline was opened')
      return judge.judge(question.records, question.at)
  }
}

function post(message: Answer): void {
  parentPort?.postMessage(message)
}

function failureOf(error: unknown): Failure {
  if (error instanceof TasterError) return { code: error.code, message: error.message, problems: error.problems }
  return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error), problems: [] }
}

let queue: Promise<void> = Promise.resolve()
parentPort?.on('message', (question: Question) => {
  queue = queue.then(async () => {
    try {
      post({ id: question.id, result: await answer(question) })
    } catch (error) {
      post({ id: question.id, failure: failureOf(error) })
    }
  })
})
