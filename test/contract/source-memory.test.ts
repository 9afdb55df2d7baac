import { append, memoryLog, openMemory, writtenTo } from './memory-log.ts'
import { sinkContract, sourceContract, type Rig } from './source-contract.ts'

async function open(): Promise<Rig> {
  const log = memoryLog()
  return {
    resumes: true,
    visible: 'each-commit',
    put: async (values) => append(log, values),
    open: async () => openMemory(log, { batch: 25 }),
    end: (source) => source.close(),
    written: async () => writtenTo(log),
  }
}

sourceContract('memory', open)
sinkContract('memory', open)
