import type { Detector } from '../../core/detector.ts'
import { valueAtPath, type Fault } from './faults.ts'
import type { Registries } from './schema.ts'

const kinds = ['text', 'image', 'vector', 'row'] as const

const namesIn = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []

/** Why a detector cannot work on such input; undefined where it can. */
export function unfit(detector: Detector, content: string, labelled: boolean): string | undefined {
  if (!detector.needs.content.some((kind) => kind === content))
    return `reads ${detector.needs.content.join(', ')}, and the input is ${content}`
  if (detector.needs.labels && !labelled) return 'needs labels, and input.fields.label is not set'
  return undefined
}

/**
 * What no single key can tell: whether the parts of a pipeline agree with each other. Takes the file as it was written,
 * valid or not, so that these faults are listed together with those of single keys.
 */
export function disagreements(raw: unknown, { encoders, detectors }: Registries): Fault[] {
  const faults: Fault[] = []
  const fault = (path: Fault['path'], message: string, remedy: string) => faults.push({ path, message, remedy })

  const fields = valueAtPath(raw, ['input', 'fields'])
  const contents = kinds.filter((kind) => valueAtPath(fields, [kind]) !== undefined)
  const [content] = contents
  if (fields !== undefined && contents.length !== 1)
    fault(
      ['input', 'fields', ...contents.slice(1, 2)],
      contents.length === 0 ? 'input.fields names no content' : `input.fields names ${contents.join(' and ')}`,
      `name exactly one of ${kinds.join(', ')}`,
    )

  const row = valueAtPath(fields, ['row'])
  if (
    row !== undefined &&
    valueAtPath(row, ['numeric', '0']) === undefined &&
    valueAtPath(row, ['category', '0']) === undefined
  )
    fault(
      ['input', 'fields', 'row'],
      'input.fields.row names no column',
      'list columns under numeric, category or both',
    )

  const chosen = namesIn(valueAtPath(raw, ['encoder']))
  if (valueAtPath(raw, ['encoder']) !== undefined && chosen.length !== 1)
    fault(
      ['encoder', ...chosen.slice(1, 2)],
      `encoder names ${chosen.length === 0 ? 'none' : chosen.join(' and ')}`,
      `name exactly one of ${[...encoders.keys()].join(', ')}`,
    )
  for (const name of chosen) {
    const encoder = encoders.get(name)
    if (encoder === undefined || content === undefined || encoder.content === content) continue
    const able = [...encoders].filter(([, other]) => other.content === content).map(([other]) => other)
    fault(
      ['encoder', name],
      `encoder ${name} reads ${encoder.content}, and input.fields names ${content}`,
      `for ${content} there are: ${able.join(', ') || 'none'}`,
    )
  }

  const labelled = valueAtPath(fields, ['label']) !== undefined
  const listed = valueAtPath(raw, ['detectors'])
  if (listed !== undefined && namesIn(listed).length === 0)
    fault(
      ['detectors'],
      'detectors names none',
      'name at least one, or leave detectors out for every one that can read the input',
    )
  for (const name of namesIn(listed)) {
    const detector = detectors.get(name)
    const reason = detector && content && unfit(detector, content, labelled)
    if (reason)
      fault(
        ['detectors', name],
        `detector ${name} ${reason}`,
        'remove it, or leave detectors out for every one that can read the input',
      )
  }

  if (valueAtPath(raw, ['verify', 'sources']) !== undefined && valueAtPath(fields, ['source']) === undefined)
    fault(
      ['verify', 'sources'],
      'verify.sources is set, and input.fields.source is not',
      'name the column that holds the source',
    )
  if (valueAtPath(raw, ['verify', 'uniqueIds']) === true && valueAtPath(fields, ['id']) === undefined)
    fault(
      ['verify', 'uniqueIds'],
      'verify.uniqueIds is set, and input.fields.id is not',
      'name the column that holds the id',
    )
  if (valueAtPath(raw, ['baseline', 'path']) !== undefined && valueAtPath(raw, ['baseline', 'trusted']) !== undefined)
    fault(
      ['baseline', 'trusted'],
      'baseline names both path and trusted',
      'keep path for a baseline that is fitted already, or trusted to fit one',
    )

  const { falseAlarms = 1, per = '10000 batches' } = Object(valueAtPath(raw, ['budget'])) as { [key: string]: unknown }
  if (typeof falseAlarms === 'number' && typeof per === 'string' && falseAlarms >= Number.parseInt(per, 10))
    fault(
      ['budget', 'falseAlarms'],
      `a budget of ${falseAlarms} false alarms in ${per} allows one in every batch`,
      'ask for fewer false alarms than batches',
    )
  return faults
}
