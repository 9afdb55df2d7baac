import { topicUses, wordFor } from '../kafka/topic-needs.ts'
import type { PlannedTopic } from '../kafka/topic-plan.ts'
import { printable, type coloursFor } from './terminal.ts'
import { counted } from './wording.ts'

type Colours = ReturnType<typeof coloursFor>

/** What would happen to each topic, with its uses; notes follow it. */
export function renderPlan(plan: readonly PlannedTopic[], colours: Colours): string {
  const { green, yellow, dim } = colours
  const paint = { create: green, change: yellow, none: dim }
  const word = { create: 'create', change: 'change', none: 'fine' }
  const names = plan.map(({ topic }) => printable(topic, 249))
  const width = Math.max(...names.map((name) => name.length), 0)
  const lines = plan.flatMap((planned, i) => [
    `${(names[i] ?? '').padEnd(width)}  ${paint[planned.action](word[planned.action].padEnd(6))}  ${usesOf(planned)}`,
    ...detailsOf(planned).map((detail) => `${' '.repeat(width + 10)}${detail}`),
    ...planned.notes.map((note) => `${' '.repeat(width + 10)}${yellow('note')} ${note}`),
  ])
  return `${lines.join('\n')}\n`
}

function usesOf({ uses }: PlannedTopic): string {
  return topicUses
    .map((use) => [use, uses.filter((each) => each.use === use).map(({ pipeline }) => pipeline)] as const)
    .filter(([, pipelines]) => pipelines.length > 0)
    .map(([use, pipelines]) => `${wordFor(use)} of ${pipelines.join(', ')}`)
    .join('; ')
}

function detailsOf({ action, partitions, replicas, settings }: PlannedTopic): string[] {
  if (action === 'create')
    return [
      `${counted(partitions.to, 'partition')}, ${counted(replicas, 'replica')}`,
      ...settings.map(({ name, to }) => `${name}=${readable(name, to)}`),
    ]
  return [
    ...(partitions.from === partitions.to ? [] : [`partitions ${partitions.from} → ${partitions.to}`]),
    ...settings.map(
      ({ name, from, to }) => `${name} ${from === null ? 'not set' : readable(name, from)} → ${readable(name, to)}`,
    ),
  ]
}

const dayMs = 86_400_000

/** Milliseconds of days say little to people. */
function readable(name: string, value: string): string {
  const days = Number(value) / dayMs
  return name === 'retention.ms' && days >= 1 ? `${value} (${counted(Math.round(days), 'day')})` : value
}
