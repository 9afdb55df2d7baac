import { isAlias, isMap, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import type { Problem } from '../../core/errors.ts'
import type { Fault } from './faults.ts'

const limits = { characters: 1_000_000, depth: 100, aliases: 100, problems: 20 }

/** A YAML file: its value, what is wrong with it as YAML, and where its parts stand. */
export interface Written {
  readonly raw: unknown
  readonly problems: readonly Problem[]
  where(fault: Pick<Fault, 'path' | 'key'>): string
}

const remedies: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'keep one of the two',
  BAD_INDENT: 'close the bracket before it, and indent the keys of one level alike',
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'one pipeline a file: remove the line --- and what follows',
  NON_STRING_KEY: 'keys are plain text',
  MISSING_CHAR: 'close the quote or bracket',
}

/** The depth of brackets is bounded before parsing: the parser recurses. */
function tooDeep(text: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth++
    if (character === ']' || character === '}') depth--
    if (depth > limits.depth) return true
  }
  return /^ *([-?] ){100}/m.test(text)
}

function startOf(document: Document, { path, key }: Pick<Fault, 'path' | 'key'>): number {
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  let start = 0
  let here: unknown = document.contents
  for (const step of key === undefined ? path : [...path, key]) {
    here = follow(here)
    const pair = isMap(here) ? here.items.find((item) => String(item.key) === String(step)) : undefined
    const next: unknown = pair?.value ?? (isSeq(here) ? here.items[Number(step)] : undefined)
    const mark = pair?.key ?? next
    const range = (mark as Node | undefined)?.range
    if (!range) break
    start = range[0]
    here = next
  }
  return start
}

export function readDocument(text: string, file: string): Written {
  const whole = (message: string, remedy: string): Written => ({
    raw: undefined,
    problems: [{ where: `${file}:1:1`, message, remedy }],
    where: () => `${file}:1:1`,
  })
  if (text.length > limits.characters) return whole('the file is larger than 1 MB', 'a pipeline is a few dozen lines')
  if (tooDeep(text))
    return whole(`the file is nested more than ${limits.depth} levels deep`, 'a pipeline has five levels')

  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  // What follows the first faults of syntax is mostly their echo.
  const problems = [...document.errors, ...document.warnings].slice(0, limits.problems).map((error) => ({
    where: at(error.pos[0]),
    message: error.message,
    remedy: remedies[error.code] ?? 'write valid YAML 1.2',
  }))
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined)
        problems.push({
          where: at(alias.range?.[0] ?? 0),
          message: `alias *${alias.source} has no anchor`,
          remedy: `write &${alias.source} before it, or quote a text that begins with *`,
        })
    },
  })
  if (problems.length > 0) return { raw: undefined, problems, where: (fault) => at(startOf(document, fault)) }
  try {
    const raw: unknown = document.toJS({ maxAliasCount: limits.aliases })
    return { raw, problems, where: (fault) => at(startOf(document, fault)) }
  } catch (error) {
    return whole(error instanceof Error ? error.message : String(error), 'use fewer aliases')
  }
}
