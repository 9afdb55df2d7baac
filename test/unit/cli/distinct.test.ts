import { describe, expect, it } from 'vitest'
import { mustBeDistinct } from '../../../src/cli/distinct.ts'
import { TasterError } from '../../../src/core/errors.ts'
import type { Pipeline } from '../../../src/engine/pipeline.ts'

/** Only what pipelines are told apart by. */
const given = (name: string, topic: string | undefined, output: object = {}, group?: string) => ({
  file: `${name}.yaml`,
  pipeline: { name, input: { topic, group }, output } as unknown as Pipeline,
})
const problemsOf = (...all: ReturnType<typeof given>[]) => {
  try {
    mustBeDistinct(all)
  } catch (error) {
    if (error instanceof TasterError && error.code === 'CONFIG_INVALID') return error.problems
    throw error
  }
  return []
}

describe('pipelines that run side by side', () => {
  it('may share events and state, feed each other, hold back to one topic, and read one topic to other outputs', () => {
    const others = { clean: 'b.clean', quarantine: 'b.quarantine', deadLetter: 'b.dead-letter', state: 'b.state' }
    expect(problemsOf(given('a', 'in'), given('b', 'in', others), given('c', 'in.clean'))).toEqual([])
    const held = { quarantine: 'held', deadLetter: 'dead', state: 'state' }
    expect(problemsOf(given('a', 'in', held), given('b', 'other', held))).toEqual([])
  })

  it('may not have the outputs of one input in common', () => {
    const problems = problemsOf(given('a', 'in'), given('b', 'in'))
    expect(problems.map(({ remedy }) => remedy)).toEqual(
      ['clean', 'quarantine', 'deadLetter'].map((use) => `set output.${use} to a topic of its own`),
    )
    expect(problems[0]).toMatchObject({
      where: 'b.yaml',
      message: 'its output.clean is topic in.clean, which is output.clean of a.yaml',
    })
  })

  it.each([
    ['clean', 'clean'],
    ['deadLetter', 'quarantine'],
    ['events', 'clean'],
  ])('may not write %s where another writes %s', (use, other) => {
    const problems = problemsOf(given('a', 'in', { [other]: 'x' }), given('b', 'other', { [use]: 'x' }))
    expect(problems.map(({ message }) => message)).toEqual([
      `its output.${use} is topic x, which is output.${other} of a.yaml`,
    ])
  })

  it('have names and groups of their own', () => {
    expect(problemsOf(given('a', 'in'), { ...given('a', 'other'), file: 'again.yaml' })).toEqual([
      { where: 'again.yaml', message: 'its name a is that of a.yaml', remedy: expect.any(String) as string },
      { where: 'again.yaml', message: 'its group taster-a is that of a.yaml', remedy: expect.any(String) as string },
    ])
    expect(problemsOf(given('a', 'in', {}, 'g'), given('b', 'other', {}, 'g'))).toHaveLength(1)
  })

  it('name an input each, also where there is only one', () => {
    expect(problemsOf(given('a', undefined))).toMatchObject([{ where: 'input.topic' }])
  })
})
