import { TasterError } from '../core/errors.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { topicsOf } from '../engine/pipeline/topics.ts'

export const topicUses = ['input', 'clean', 'quarantine', 'deadLetter', 'events', 'state'] as const

export type TopicUse = (typeof topicUses)[number]

/** A topic that pipelines need, and what for. */
export interface TopicNeed {
  readonly topic: string
  readonly uses: readonly { readonly pipeline: string; readonly use: TopicUse }[]
  readonly inputs: readonly string[] // topics of which it must have at least as many partitions
}

// Evidence is found again by its keys alone, and events are no records: nothing else may stand between them.
const apart: { readonly [use in TopicUse]: readonly TopicUse[] } = {
  input: ['state'],
  clean: ['events', 'state'],
  quarantine: ['events', 'state'],
  deadLetter: ['events', 'state'],
  events: ['clean', 'quarantine', 'deadLetter', 'state'],
  state: ['input', 'clean', 'quarantine', 'deadLetter', 'events'],
}

/**
 * The topics of pipelines, each once, inputs first. Throws CONFIG_INVALID where a pipeline names no input, or where
 * pipelines need one topic for things that exclude each other.
 */
export function needsOf(pipelines: readonly Pipeline[]): TopicNeed[] {
  const needs = new Map<string, { topic: string; uses: { pipeline: string; use: TopicUse }[]; inputs: Set<string> }>()
  const all = pipelines.map((pipeline) => ({ pipeline: pipeline.name, topics: topicsOf(pipeline) }))
  for (const use of topicUses)
    for (const { pipeline, topics } of all) {
      const topic = topics[use]
      const need = needs.get(topic) ?? { topic, uses: [], inputs: new Set() }
      needs.set(topic, need)
      const other = need.uses.find((earlier) => apart[use].includes(earlier.use))
      if (other !== undefined)
        throw new TasterError('CONFIG_INVALID', `Topic ${topic} is needed for two things that exclude each other`, {
          problems: [
            {
              where: `output.${use} of pipeline ${pipeline}`,
              message: `pipeline ${other.pipeline} needs the topic for ${wordFor(other.use)}`,
              remedy: `name another topic for ${wordFor(use)}`,
            },
          ],
        })
      need.uses.push({ pipeline, use })
      if (use !== 'input' && use !== 'events') need.inputs.add(topics.input)
    }
  return [...needs.values()].map(({ inputs, ...need }) => ({ ...need, inputs: [...inputs] }))
}

export const wordFor = (use: TopicUse): string => (use === 'deadLetter' ? 'dead letters' : use)
