import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from '../../baseline/manifest.ts'
import { TasterError, type Problem } from '../../core/errors.ts'
import type { Pipeline } from '../pipeline.ts'

const plain = (params: unknown): unknown => JSON.parse(JSON.stringify(params ?? {}))

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
