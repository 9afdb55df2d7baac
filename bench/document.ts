import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { projectFolder } from '../datasets/locate.ts'
import { loadDetectors } from '../src/baseline/registry.ts'
import type { Detector } from '../src/core/detector.ts'

/** Where the description of all detectors stands. */
export const readmePath = join(projectFolder(), 'detectors', 'README.md')

/** detectors/README.md: what the detectors say about themselves, and nothing else. Ends with a line feed. */
export function describeDetectors(detectors: ReadonlyMap<string, Detector>): string {
  const all = [...detectors]
  const overview = all.map(([name, { about, needs, resample }]) => [
    `[${name}](#${name})`,
    about.title,
    about.family,
    needs.labels ? 'yes' : 'no',
    String(needs.trustedPerLabel),
    resample === null ? '' : resample.sizes.join(', '),
  ])
  const head = ['detector', 'looks for', 'family', 'needs labels', 'trusted records of a label', 'batch sizes']
  return [
    '<!-- Written by `npm run docs` from the detectors themselves. Do not edit. -->',
    '# Detectors',
    'Each file of this folder is a detector; a folder beside it holds its parts. A detector measures; what its numbers are worth, and when they raise an alarm, is decided by the engine, which shares the budget for false alarms out among families. The numbers of trusted records are those of the reference split, half of what is trusted.',
    table(head, overview),
    ...all.map(([name, detector]) => section(name, detector)),
  ]
    .join('\n\n')
    .concat('\n')
}

function section(name: string, { about, needs, params, proof }: Detector): string {
  const properties = Object.entries(z.toJSONSchema(params, { io: 'input' }).properties ?? {})
  const rows = properties.flatMap(([key, property]) =>
    typeof property === 'boolean'
      ? []
      : [[`\`${key}\``, `\`${JSON.stringify(property.default)}\``, rangeOf(property), property.description ?? '']],
  )
  const claims = proof.map(({ dataset, attack, rate, metric, atLeast }) => [
    dataset,
    attack,
    `${rate * 100} %`,
    metric === 'auroc' ? 'AUROC' : 'TPR at 1 % FPR',
    String(atLeast),
  ])
  return [
    `## ${name}`,
    `${about.title}. Reads ${needs.content.join(', ')}.`,
    `**Catches** ${about.catches}`,
    `**Misses** ${about.misses}`,
    rows.length === 0 ? 'No parameters.' : table(['parameter', 'default', 'range', 'meaning'], rows),
    ...(claims.length === 0 ? [] : [table(['data', 'attack', 'rate', 'measure', 'at least'], claims)]),
    about.references.map((reference) => `- ${reference}`).join('\n'),
  ].join('\n\n')
}

type Property = Pick<z.core.JSONSchema.BaseSchema, 'type' | 'enum' | 'minimum' | 'maximum'> & {
  readonly exclusiveMinimum?: unknown
  readonly exclusiveMaximum?: unknown
}

function rangeOf(property: Property): string {
  if (property.enum !== undefined) return property.enum.map((value) => JSON.stringify(value)).join(', ')
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = property
  const bound = (sign: string, value: unknown) =>
    typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER ? [`${sign} ${value}`] : []
  const bounds = [
    ...bound('≥', minimum),
    ...bound('>', exclusiveMinimum),
    ...bound('≤', maximum),
    ...bound('<', exclusiveMaximum),
  ]
  return [String(property.type ?? ''), ...bounds].join(', ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** Brings the file up to date; says whether it was not. */
export async function writeReadme(): Promise<boolean> {
  const wanted = describeDetectors(await loadDetectors())
  const before = await readFile(readmePath, 'utf8').catch(() => '')
  if (before === wanted) return false
  await writeFile(readmePath, wanted)
  return true
}
