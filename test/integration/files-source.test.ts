import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../../src/engine/decode/limits.ts'
import { openFiles } from '../../src/files/source.ts'
import { fixtures, folder, ndjson, write } from './sort-rows.ts'

describe('reading without a sink', () => {
  it('peeks at the first batch and still delivers it', async () => {
    const source = await openFiles([write('a.ndjson', ndjson(20))], { batchRecords: 8 })
    expect(await source.peek()).toHaveLength(8)
    const sizes: number[] = []
    for await (const { messages } of source) sizes.push(messages.length)
    expect(sizes).toEqual([8, 8, 4])
    expect([source.readBytes(), source.totalBytes]).toEqual([source.totalBytes, Buffer.byteLength(ndjson(20))])
    await source.close()
  })

  it('closes early without harm', async () => {
    copyFileSync(join(fixtures, 'types.parquet'), join(folder, 'early.parquet'))
    const source = await openFiles([join(folder, 'early.parquet')], { batchRecords: 2 })
    for await (const { messages } of source) {
      expect(messages).toHaveLength(1)
      break
    }
    await source.close()
  })

  it('cuts batches by bytes as well as by rows', async () => {
    const limits = { ...defaultLimits, batchBytes: 100 }
    const source = await openFiles([write('a.ndjson', ndjson(20))], { batchRecords: 1000, limits })
    let batches = 0
    for await (const { messages } of source) batches += messages.length > 0 ? 1 : 0
    expect(batches).toBeGreaterThan(3)
    await source.close()
  })
})
