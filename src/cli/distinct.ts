import { TasterError, type Problem } from '../core/errors.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { topicsOf, type Topics } from '../engine/pipeline/topics.ts'

/** A pipeline, and the file that says it. */
export interface Given {
  readonly file: string
  readonly pipeline: Pipeline
}

const written = ['clean', 'quarantine', 'deadLetter', 'events', 'state'] as const

/**
 * Pipelines that can run side by side. Throws CONFIG_INVALID, with every problem, where two have one name or group, or
 * write to one topic so that whoever reads it could not tell what became of a record. Events and state say whose they
 * are, held-back records which topic they came from. Throws it also where one cannot run on topics at all.
 */
export function mustBeDistinct(given: readonly Given[]): void {
  const placed = given.map((one) => ({ ...one, topics: topicsOf(one.pipeline) }))
  const problems = placed.flatMap((one, i) => placed.slice(0, i).flatMap((earlier) => problemsOf(one, earlier)))
  if (problems.length > 0)
    throw new TasterError('CONFIG_INVALID', 'The pipelines cannot run side by side', { problems })
}

interface Placed extends Given {
  readonly topics: Topics
}

function canShare(use: (typeof written)[number], sameInput: boolean): boolean {
  return use === 'events' || use === 'state' || (use !== 'clean' && !sameInput)
}

function problemsOf({ file: where, pipeline, topics }: Placed, earlier: Placed): Problem[] {
  const theirs = earlier.topics
  const problems: Problem[] = []
  if (pipeline.name === earlier.pipeline.name)
    problems.push({
      where,
      message: `its name ${pipeline.name} is that of ${earlier.file}`,
      remedy: 'give each pipeline a name of its own',
    })
  if (topics.group === theirs.group)
    problems.push({
      where,
      message: `its group ${topics.group} is that of ${earlier.file}`,
      remedy: 'set input.group to a group of its own',
    })
  for (const use of written)
    for (const other of written) {
      if (topics[use] !== theirs[other] || (use === other && canShare(use, topics.input === theirs.input))) continue
      problems.push({
        where,
        message: `its output.${use} is topic ${topics[use]}, which is output.${other} of ${earlier.file}`,
        remedy: `set output.${use} to a topic of its own`,
      })
    }
  return problems
}
