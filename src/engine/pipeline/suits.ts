import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from '../../baseline/manifest.ts'
import { TasterError, type Problem } from '../../core/errors.ts'
import { nearest } from '../nearest.ts'
import type { Pipeline } from '../pipeline.ts'

const plain = (params: unknown): unknown => JSON.parse(JSON.stringify(params ?? {}))

/** Columns of a table that are named and were not fitted, or were fitted and are not named. */
function columnProblems({ input }: Pipeline, { columns: fitted }: Manifest, folder: string): Problem[] {
  const named = input.fields.row
  if (fitted === undefined || named === undefined) return []
  return (['numeric', 'category'] as const).flatMap((kind) => {
    const other = kind === 'numeric' ? 'category' : 'numeric'
    const unfitted = named[kind].filter((name) => !fitted[kind].includes(name))
    const meant = new Map(unfitted.map((name) => [name, nearest(name, fitted[kind])]))
    const missing = fitted[kind].filter((name) => !named[kind].includes(name) && ![...meant.values()].includes(name))
    return [
      ...unfitted.map((name) => ({
        where: `input.fields.row.${kind} (--${kind})`,
        message: `the baseline was fitted without ${kind} column '${name}'`,
        remedy: fitted[other].includes(name)
          ? `it was fitted with it among the ${other} columns: name it there (--${other})`
          : didYouMean(meant.get(name), fitted[kind]),
      })),
      ...missing.map((name) => ({
        where: folder,
        message: `the baseline was fitted with ${kind} column '${name}', and the pipeline does not name it`,
        remedy: `name it in input.fields.row.${kind} (--${kind}), or fit a baseline without it`,
      })),
    ]
  })
}

function didYouMean(meant: string | undefined, fitted: readonly string[]): string {
  const list = fitted.length === 0 ? 'none was fitted' : `fitted: ${fitted.slice(0, 30).join(', ')}`
  return meant === undefined ? list : `did you mean ${meant}? ${list}`
}

/**
 * A baseline judges by what it was fitted with, so a pipeline must ask for just that. Throws BASELINE_MISMATCH with
 * every difference.
 */
export function mustSuit(pipeline: Pipeline, manifest: Manifest, folder: string): void {
  const problems: Problem[] = []
  const differ = (message: string, remedy = 'fit a baseline with this pipeline, or make them agree') =>
    problems.push({ where: folder, message, remedy })

  if (manifest.content !== pipeline.content)
    differ(`the baseline was fitted to ${manifest.content}, and the pipeline reads ${pipeline.content}`)
  problems.push(...columnProblems(pipeline, manifest, folder))
  const { vector } = pipeline.input.fields
  if (Array.isArray(vector) && manifest.vectorLength !== undefined && vector.length !== manifest.vectorLength)
    differ(
      `the baseline was fitted to vectors of ${manifest.vectorLength}, and the pipeline names ${vector.length} columns`,
    )
  const { name, params } = pipeline.encoder
  if (manifest.encoder.name !== name)
    differ(`the baseline was fitted with encoder ${manifest.encoder.name}, and the pipeline names ${name}`)
  else if (!isDeepStrictEqual(plain(manifest.encoder.params), plain(params)))
    differ(
      `encoder ${name} was fitted with ${JSON.stringify(manifest.encoder.params)}, and the pipeline gives ${JSON.stringify(params)}`,
    )

  const off = new Set(manifest.off.map((each) => each.name))
  const fitted = new Map(manifest.detectors.map((each) => [each.name, each.params]))
  for (const chosen of pipeline.detectors) {
    if (off.has(chosen.name)) continue // the report says why
    if (!fitted.has(chosen.name)) differ(`the baseline was fitted without detector ${chosen.name}`)
    else if (!isDeepStrictEqual(plain(fitted.get(chosen.name)), plain(chosen.params)))
      differ(
        `detector ${chosen.name} was fitted with ${JSON.stringify(fitted.get(chosen.name))}, and the pipeline gives ${JSON.stringify(chosen.params)}`,
      )
    fitted.delete(chosen.name)
  }
  for (const extra of fitted.keys()) differ(`the baseline has detector ${extra}, and the pipeline does not name it`)

  if (problems.length > 0)
    throw new TasterError('BASELINE_MISMATCH', `The baseline in ${folder} was not fitted for this pipeline`, {
      problems,
    })
}
