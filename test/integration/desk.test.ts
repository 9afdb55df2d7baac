import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Records } from '../../src/core/batch.ts'
import type { Desk, openDesk } from '../../src/engine/desk.ts'
import { gaussianRecords } from '../unit/baseline/gaussian-records.ts'
import { build } from './taster.ts'

// The compute threads as they are built, beside them one more detector that the first number of a batch tells what to do.
const root = fileURLToPath(new URL('../../', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'taster-desk-'))
const misbehaving = `
const codec = { encode: () => new Uint8Array(8), decode: () => null }
export default {
  about: { title: 'Does what it is told', family: 'integrity', catches: 'nothing', misses: 'all', references: ['none'] },
  needs: { content: ['vector'], labels: false, trustedPerLabel: 0 },
  resample: null,
  params: (await import('zod')).z.strictObject({}),
  fit: () => null,
  codec,
  memory: { empty: () => null, merge: () => null, codec },
  measure(batch) {
    const told = batch.vectors.data[0]
    if (told === 1e6) for (;;);
    if (told === 2e6) process.exit(3)
    if (told === 3e6) Promise.reject(new Error('later'))
    if (told === 4e6) throw new Error('thrown')
    return { measurements: [], memory: null }
  },
  explain: () => ({ summary: '', suspects: [], facts: {} }),
  proof: [],
}
`
const command = { ordinary: 0, neverReturns: 1e6, exits: 2e6, throwsLater: 3e6, throws: 4e6 } as const

function batch(told: keyof typeof command = 'ordinary', seed = 2): Records {
  const records = gaussianRecords(50, { seed })
  if (records.content.kind !== 'vector') throw new Error('vectors are asked for')
  if (told !== 'ordinary') records.content.vectors.data[0] = command[told]
  return records
}

const given = {
  records: gaussianRecords(600),
  encoder: { name: 'vector', params: {} },
  detectors: new Map(['class-shift', 'duplicate-flood', 'misbehaving'].map((name) => [name, {}])),
  seed: 1,
  engineVersion: '0',
}
const another = { ...given, seed: 2 }
const budget = { falseAlarms: 1, batches: 1000 }
const at = (offset: number) => ({ topic: 't', partition: 0, offset: BigInt(offset) })
const folder = join(place, 'baseline')
let open: typeof openDesk
let desk: Desk

beforeAll(async () => {
  build()
  mkdirSync(join(place, 'dist'))
  for (const part of ['src', 'detectors'])
    cpSync(join(root, 'dist', part), join(place, 'dist', part), { recursive: true })
  for (const name of ['node_modules', 'assets', 'package.json']) symlinkSync(join(root, name), join(place, name))
  writeFileSync(join(place, 'dist/detectors/misbehaving.js'), misbehaving)
  const built = (await import(pathToFileURL(join(place, 'dist/src/engine/desk.js')).href)) as {
    openDesk: typeof openDesk
  }
  open = built.openDesk
  const fitting = open()
  await fitting.fit(given, folder, () => {})
  await fitting.close()
})
afterEach(() => desk.close())
afterAll(() => rmSync(place, { recursive: true }))

const rejection = (code: string) => expect.objectContaining({ code }) as Error
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: { code?: string }) => error.code,
  )

describe('the desk', () => {
  it('serves many judges of one baseline, each with evidence of its own', async () => {
    desk = open()
    const [one, other] = await Promise.all([desk.open(folder, budget), desk.open(folder, budget)])
    expect(one.digest).toBe(other.digest)
    await expect(desk.open(folder, budget, 'sha256:another')).rejects.toThrow(rejection('BASELINE_MISMATCH'))
    const judges = await Promise.all([one.start(), one.start(), other.start()])
    for (let i = 0; i < 5; i++) {
      await judges[0]?.judge(batch('ordinary', i), at(i))
      await judges[2]?.judge(batch('ordinary', i), at(i))
    }
    const [first, second, third] = await Promise.all(judges.map((judge) => judge.snapshot()))
    expect(first).toEqual(third)
    expect(first).not.toEqual(second)
    await one.close()
    await expect(judges[0]?.judge(batch(), at(9))).rejects.toThrow(rejection('INVARIANT_BROKEN'))
    expect(await codeOf(judges[2]?.judge(batch(), at(9)) ?? Promise.resolve())).toBe('answered')
    await other.close()
    await other.close()
  })

  it('goes on from a snapshot as a judge in this thread does, and refuses a damaged one', async () => {
    desk = open()
    const opened = await desk.open(folder, budget)
    const judge = await opened.start()
    await judge.judge(batch(), at(0))
    const snapshot = await judge.snapshot()
    const restored = await opened.start(snapshot)
    expect(snapshot.length).toBeGreaterThan(0)
    expect(await restored.judge(batch('ordinary', 3), at(1))).toEqual(await judge.judge(batch('ordinary', 3), at(1)))
    await expect(opened.start(snapshot.subarray(8))).rejects.toThrow(rejection('STATE_BROKEN'))
    await expect(opened.start(await restored.snapshot())).resolves.toBeDefined()
  })

  it('ends a judge that is started while its baseline is closed, and starts none after that', async () => {
    desk = open()
    const opened = await desk.open(folder, budget)
    const starting = codeOf(opened.start())
    await opened.close()
    expect(await starting).toBe('JUDGE_LOST')
    expect(await codeOf(opened.start())).toBe('JUDGE_LOST')
    const again = await (await desk.open(folder, budget)).start()
    expect(await codeOf(again.judge(batch(), at(0)))).toBe('answered')
  })

  it('ends a batch that takes longer than its deadline, names what was at work, and goes on afresh', async () => {
    desk = open()
    const opened = await desk.open(folder, budget, undefined, { deadlineMs: 3000 }) // a fresh thread judges slowly
    const [judge, other] = [await opened.start(), await opened.start()]
    await judge.judge(batch(), at(0))
    const snapshot = await judge.snapshot()
    const asked = [
      judge.judge(batch(), at(1)),
      judge.judge(batch('neverReturns'), at(2)),
      judge.judge(batch(), at(3)),
      other.judge(batch(), at(0)),
      judge.snapshot(),
    ]
    expect(await Promise.all(asked.map(codeOf))).toEqual(['answered', 'DETECTOR_TIMED_OUT', 'JUDGE_LOST', 'JUDGE_LOST', 'JUDGE_LOST']) // prettier-ignore
    await expect(asked[1]).rejects.toMatchObject({
      message: expect.stringContaining('misbehaving') as string,
      problems: [{ where: 'misbehaving' }],
    })
    expect(await codeOf(judge.judge(batch(), at(4)))).toBe('JUDGE_LOST')
    await judge.close()

    const restored = await opened.start(snapshot) // on a fresh thread
    expect((await restored.judge(batch(), at(1))).failed).toEqual([])
    await opened.close()
    expect(await codeOf(restored.judge(batch(), at(2)))).toBe('INVARIANT_BROKEN')
  })

  it('does not take an answer for late because this thread was busy', async () => {
    desk = open()
    const before = await (await desk.open(folder, budget)).start()
    for (let i = 0; i < 5; i++) await before.judge(batch('ordinary', i), at(i)) // the first ones take longer
    const opened = await desk.open(folder, budget, undefined, { deadlineMs: 200 })
    const judge = await opened.start()
    const asked = judge.judge(batch(), at(0))
    await new Promise((resolve) => setImmediate(resolve))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    expect(await codeOf(asked)).toBe('answered')
  })

  it('outlives a thread that ends by itself', async () => {
    desk = open()
    const judge = await (await desk.open(folder, budget)).start()
    const asked = [judge.judge(batch('exits'), at(0)), judge.judge(batch(), at(1)), judge.snapshot()]
    expect(await Promise.all(asked.map(codeOf))).toEqual(['JUDGE_LOST', 'JUDGE_LOST', 'JUDGE_LOST'])
    const second = await (await desk.open(folder, budget)).start()
    await codeOf(second.judge(batch('throwsLater'), at(0))) // the answer and the end of the thread may overtake each other
    expect(await codeOf(second.judge(batch(), at(1)))).toBe('JUDGE_LOST')
    const third = await (await desk.open(folder, budget)).start()
    expect(await codeOf(third.judge(batch(), at(0)))).toBe('answered')
  })

  it('judges the same on however many threads, each judge on one', async () => {
    const told = []
    for (const threads of [1, 3]) {
      desk = open({ threads })
      const opened = await desk.open(folder, budget, undefined, { deadlineMs: 60_000 })
      const judges = await Promise.all(Array.from({ length: 4 }, () => opened.start()))
      const streams = judges.map(async (judge, stream) => {
        const judged = []
        for (let i = 0; i < 6; i++) judged.push(await judge.judge(batch('ordinary', 10 * stream + i), at(i)))
        return { judged, snapshot: await judge.snapshot() }
      })
      told.push(await Promise.all(streams))
      await desk.close()
    }
    expect(told[0]).toHaveLength(4)
    expect(told[1]).toEqual(told[0])
  })

  it.each(['neverReturns', 'exits'] as const)('loses with a thread what that one held: %s', async (fault) => {
    desk = open({ threads: 2 })
    const opened = await desk.open(folder, budget, undefined, { deadlineMs: 3000 })
    const judges = await Promise.all([opened.start(), opened.start(), opened.start()])
    const [first, second, third] = judges
    const asked = [
      first.judge(batch(fault), at(0)),
      second.judge(batch(), at(0)),
      third.judge(batch(), at(0)),
      second.judge(batch('ordinary', 3), at(1)),
    ]
    // The third shares its thread with the first; the second has one for itself.
    const ended = fault === 'exits' ? 'DETECTOR_CRASHED' : 'DETECTOR_TIMED_OUT'
    expect(await Promise.all(asked.map(codeOf))).toEqual([ended, 'answered', 'JUDGE_LOST', 'answered'])
    expect(await codeOf(first.judge(batch(), at(1)))).toBe('JUDGE_LOST')
    const again = await opened.start() // not behind the second
    const both = [again.judge(batch('neverReturns'), at(0)), second.judge(batch(), at(2))]
    expect(await Promise.all(both.map(codeOf))).toEqual(['DETECTOR_TIMED_OUT', 'answered'])
    await opened.close()
  })

  it('does not go on with another baseline where the folder holds one by now', async () => {
    const moving = join(place, 'moving')
    cpSync(folder, moving, { recursive: true })
    desk = open()
    const opened = await desk.open(moving, budget)
    const judge = await opened.start()
    await codeOf(judge.judge(batch('exits'), at(0)))
    rmSync(moving, { recursive: true })
    await desk.fit(another, moving, () => {})
    expect(await codeOf(opened.start())).toBe('BASELINE_MISMATCH')
  })

  it('keeps a batch whose detector throws from passing, and goes on', async () => {
    desk = open()
    const judge = await (await desk.open(folder, budget)).start()
    const { failed } = await judge.judge(batch('throws'), at(0))
    expect(failed).toEqual([{ detector: 'misbehaving', message: 'thrown' }])
    expect((await judge.judge(batch(), at(1))).failed).toEqual([])
  })

  it('rejects what waits when it is closed, and everything after', async () => {
    desk = open()
    const judge = await (await desk.open(folder, budget)).start()
    const asked = judge.judge(batch('neverReturns'), at(0))
    const waiting = codeOf(asked)
    await desk.close()
    expect(await waiting).toBe('JUDGE_LOST')
    expect(await codeOf(desk.open(folder, budget))).toBe('JUDGE_LOST')
  })
})
