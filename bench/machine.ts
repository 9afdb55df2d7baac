import { execFile } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { startBackend } from '../src/tensor/backend.ts'
import { projectFolder } from '../datasets/locate.ts'

/** What figures depend on beside the code. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly node: string
  readonly backend: string
  readonly commit: string // with `+` where files differ from it
}

export async function machine(): Promise<Machine> {
  const { name, detail } = await startBackend()
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    backend: `${name}: ${detail}`,
    commit: await commit(),
  }
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: projectFolder() })).stdout.trim()
  try {
    const [head, changes] = await Promise.all([git('rev-parse', '--short=12', 'HEAD'), git('status', '--porcelain')])
    return changes === '' ? head : `${head}+`
  } catch {
    return 'unknown: not a git working tree'
  }
}
