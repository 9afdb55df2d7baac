import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSink, type Sink } from '../../src/files/sink.ts'
import { openFiles } from '../../src/files/source.ts'
import { sinkContract, sourceContract, type Rig } from './source-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'taster-contract-'))
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0

async function open(): Promise<Rig> {
  const own = join(folder, String(made++))
  mkdirSync(own)
  const input = join(own, 'in.ndjson')
  const out = join(own, 'out')
  let sink: Sink | undefined
  const linesOf = (of: string) => {
    const path = join(out, of, 'in.ndjson')
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  }
  return {
    resumes: false,
    visible: 'complete',
    async put(values) {
      writeFileSync(input, `${values.join('\n')}\n`)
    },
    async open() {
      sink = await openSink(out)
      return openFiles([input], { batchRecords: 25, sink })
    },
    async end(source, complete) {
      await source.close()
      await (complete ? sink?.close() : sink?.abandon())
    },
    async written() {
      return { pass: linesOf('clean'), quarantine: linesOf('quarantine'), 'dead-letter': linesOf('dead-letter') }
    },
  }
}

sourceContract('files', open)
sinkContract('files', open)
