import type { Seen, ToldVerdict } from './tail-seen.ts'
import { sayEvent } from './tail-event.ts'
import { printable, wrap, type coloursFor } from './terminal.ts'
import { counted } from './wording.ts'

type Colours = ReturnType<typeof coloursFor>

export interface TailLook {
  readonly width: number
  readonly colours: Colours
}

const longest = 500 // characters of a sentence: data cannot fill the screen
const shownFindings = 3
const shownValue = 300

/** Renders messages as lines. What several messages of a partition share, the findings of their batch, is told once. */
export function openTailView({ width, colours }: TailLook): (seen: Seen) => string {
  const { red, green, yellow, dim, bold } = colours
  const lastVerdicts = new Map<string, string>() // topic and partition → verdict id
  const paint = { bad: red, good: green, note: dim }

  const line = (seen: Seen, word: string, coloured: string, text: string): string => {
    // wrapped while it is plain: colours take no room on the screen
    const time = seen.timestamp === null ? 'at no known time' : `${seen.timestamp.slice(0, 19).replace('T', ' ')}Z`
    const rest = wrap(`${time} ${word} ${text}`, width, '    ', '').slice(time.length + 1 + word.length)
    return `${dim(time)} ${coloured}${rest}`
  }
  const more = (texts: readonly string[]) => texts.map((text) => wrap(text, width, '      ', '    '))
  const content = ({ key, value }: Seen) =>
    more([
      ...(key === null ? [] : [`key ${printable(key, shownValue)}`]),
      ...(value === null ? [] : [`value ${printable(value, shownValue)}`]),
    ]).map(dim)

  const verdictLines = (seen: Seen, verdict: ToldVerdict): string[] => {
    const { decision, id, reason, findings, origin, suspectedBy, rows } = verdict
    const key = `${seen.topic}/${seen.partition}`
    const isNew = lastVerdicts.get(key) !== id
    lastVerdicts.set(key, id)
    const [word, colour] = words.get(decision) ?? [printable(decision, 40), 'note']
    const from =
      origin === null
        ? ''
        : ` from ${printable(origin.topic, 100)}/${printable(origin.partition, 10)} offset ${printable(origin.offset, 20)}`
    const where = `${placeOf(seen)}${from}`
    const some = rows === null ? '' : `, rows ${printable(rows, 60)}`
    const suspect =
      suspectedBy.length === 0 ? '' : `; suspected by ${suspectedBy.map((by) => printable(by, 60)).join(', ')}`
    const why = reason === null || (!isNew && decision === 'quarantine') ? '' : `: ${printable(reason, longest)}`
    const told = isNew
      ? findings
          .slice(0, shownFindings)
          .filter(({ summary }) => !(reason ?? '').includes(summary))
          .map(({ detector, summary }) => `${printable(detector, 60)}: ${printable(summary, longest)}`)
      : []
    return [line(seen, word, bold(colourOf(colour)(word)), `${where}${some}${suspect}${why}`), ...more(told)]
  }
  const colourOf = (level: 'bad' | 'warn' | 'good' | 'note') => (level === 'warn' ? yellow : paint[level])

  const linesOf = (seen: Seen): string[] => {
    if (seen.event !== null) {
      const { level, what, text, more: details } = sayEvent(seen.event)
      const pipeline = pipelineOf(seen.event.source)
      return [line(seen, what, bold(paint[level](what)), `${pipeline}${text}`), ...more(details)]
    }
    if (seen.verdict !== null) return verdictLines(seen, seen.verdict)
    return [line(seen, 'record', dim('record'), `${placeOf(seen)}, ${counted(seen.bytes, 'byte')}, no verdict`)]
  }
  return (seen) => `${[...linesOf(seen), ...content(seen)].join('\n')}\n`
}

const words: ReadonlyMap<string, readonly [word: string, level: 'bad' | 'warn' | 'good']> = new Map([
  ['pass', ['passed', 'good']],
  ['quarantine', ['held back', 'bad']],
  ['dead-letter', ['unreadable', 'warn']],
])

const placeOf = ({ topic, partition, offset }: Seen) => `${printable(topic, 249)}/${partition} offset ${offset}`

/** The pipeline that an event of Taster's names as its source; others are shown as they are. */
function pipelineOf(source: string): string {
  const prefix = '/taster/'
  if (!source.startsWith(prefix)) return `${printable(source, 100)}: `
  try {
    return `${printable(decodeURIComponent(source.slice(prefix.length)), 100)}: `
  } catch {
    return `${printable(source, 100)}: `
  }
}
