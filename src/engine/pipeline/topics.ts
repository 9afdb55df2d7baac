import { TasterError } from '../../core/errors.ts'
import type { Pipeline } from '../pipeline.ts'

/** Where a pipeline reads from and writes to. */
export interface Topics {
  readonly group: string
  readonly input: string
  readonly clean: string
  readonly quarantine: string
  readonly deadLetter: string
  readonly events: string
  readonly state: string
}

/** The topics of a pipeline, with their default names. Throws CONFIG_INVALID where it names no input or one twice. */
export function topicsOf({ name, input, output }: Pipeline): Topics {
  const invalid = (where: string, message: string, remedy: string) =>
    new TasterError('CONFIG_INVALID', `Pipeline ${name} cannot run on topics`, {
      problems: [{ where, message, remedy }],
    })
  const { topic } = input
  if (topic === undefined)
    throw invalid('input.topic', 'the pipeline names no topic to read', 'add input: { topic: <name> }')
  const topics = {
    input: topic,
    clean: output.clean ?? `${topic}.clean`,
    quarantine: output.quarantine ?? `${topic}.quarantine`,
    deadLetter: output.deadLetter ?? `${topic}.dead-letter`,
    events: output.events ?? 'taster.events',
    state: output.state ?? `${topic}.taster-state`,
  }
  const uses = Object.entries(topics)
  for (const [use, of] of uses) {
    const other = uses.find(([otherUse, otherOf]) => otherUse !== use && otherOf === of)
    if (other !== undefined)
      throw invalid(
        use === 'input' ? 'input.topic' : `output.${use}`,
        `topic ${of} is the pipeline's ${use} and its ${other[0]}`,
        'give each a topic of its own',
      )
  }
  return { group: input.group ?? `taster-${name}`, ...topics }
}
