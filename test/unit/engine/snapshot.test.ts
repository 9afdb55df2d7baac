import { beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../../src/baseline/baseline.ts'
import { fitBaseline } from '../../../src/baseline/fit.ts'
import { arrayOf, pack, unpack } from '../../../src/core/codec.ts'
import { openJudge } from '../../../src/engine/judge.ts'
import { gaussianRecords } from '../baseline/gaussian-records.ts'

const budget = { falseAlarms: 1, batches: 1000 }
const at = { topic: 't', partition: 0, offset: 0n }
const fit = (seed: number) =>
  fitBaseline({
    records: gaussianRecords(600),
    encoder: { name: 'vector', params: {} },
    seed,
    engineVersion: '0',
  })

let baseline: Baseline
let bytes: Uint8Array
beforeAll(async () => {
  baseline = await fit(1)
  const judge = await openJudge(baseline, budget)
  await judge.judge(gaussianRecords(50, { seed: 2 }), at)
  bytes = await judge.snapshot()
  await judge.close()
})

const broken = (why: RegExp) =>
  expect.objectContaining({ code: 'STATE_BROKEN', message: expect.stringMatching(why) as string }) as Error

describe('a snapshot', () => {
  it('is taken after all batches asked about so far, and before those after it', async () => {
    const judge = await openJudge(baseline, budget)
    const first = judge.judge(gaussianRecords(50, { seed: 2 }), at)
    const snapshot = judge.snapshot()
    const second = judge.judge(gaussianRecords(50, { seed: 3 }), at)
    expect(Buffer.compare(await snapshot, bytes)).toBe(0)
    await Promise.all([first, second])
    expect(Buffer.compare(await judge.snapshot(), bytes)).not.toBe(0)
    await judge.close()
  })

  it('is refused by another baseline, another budget and another format, with what to do', async () => {
    const other = await fit(2)
    await expect(openJudge(other, budget, bytes)).rejects.toThrow(broken(/baseline sha256:.*--rebuild-evidence/))
    await expect(openJudge(baseline, { falseAlarms: 2, batches: 1000 }, bytes)).rejects.toThrow(
      broken(/1 in 1000 batches.*2 in 1000 batches.*--rebuild-evidence/),
    )
    const unpacked = unpack(bytes)
    const later = pack({ json: { ...(unpacked.json as object), format: 99 }, arrays: unpacked.arrays })
    await expect(openJudge(baseline, budget, later)).rejects.toThrow(broken(/format 99/))
  })

  it('is refused where any byte of it is damaged or missing', async () => {
    const body = arrayOf(unpack(bytes), 'body', 'Uint8Array')
    const from = bytes.length - body.length - (body.length % 8 === 0 ? 0 : 8 - (body.length % 8))
    const damaged: Uint8Array[] = [new Uint8Array(), new Uint8Array(64), bytes.subarray(0, 8), bytes.subarray(8)]
    for (let cut = 0; cut < bytes.length; cut += 104) damaged.push(bytes.subarray(0, cut))
    for (let at_ = from; at_ < from + body.length; at_ += 7) {
      const copy = bytes.slice()
      copy[at_] = (copy[at_] ?? 0) ^ 4
      damaged.push(copy)
    }
    for (const each of damaged) await expect(openJudge(baseline, budget, each)).rejects.toThrow(broken(/./))
  })

  it('does not change what it was taken from, and is its own', async () => {
    const before = bytes.slice()
    const judge = await openJudge(baseline, budget, bytes)
    await judge.judge(gaussianRecords(50, { seed: 4 }), at)
    await judge.close()
    expect(Buffer.compare(bytes, before)).toBe(0)
  })
})

describe('a detector that cannot explain its alarm', () => {
  it('raises it all the same, and the batch counts as not judged', async () => {
    const silent = baseline.detectors.map((each) => ({
      ...each,
      detector: {
        ...each.detector,
        explain: () => {
          throw new Error('no words')
        },
      },
    }))
    const judge = await openJudge({ ...baseline, detectors: silent }, { falseAlarms: 1, batches: 2 })
    const records = gaussianRecords(200, { seed: 5 })
    const flipped = { ...records, label: { ...records.label, codes: records.label.codes.map((code) => 1 - code) } }
    const { findings, failed } = await judge.judge(flipped, at)
    expect(findings.length).toBeGreaterThan(0)
    expect(failed[0]?.message).toBe('no explanation: no words')
    await judge.close()
  })
})
