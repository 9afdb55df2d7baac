import type { Content, ContentKind } from '../../core/batch.ts'
import { TasterError } from '../../core/errors.ts'

/** Content of the kind that an encoder reads. Throws VALUE_WRONG_SHAPE on any other. */
export function expectContent<K extends ContentKind>(content: Content, kind: K): Extract<Content, { kind: K }> {
  if (content.kind !== kind) {
    throw new TasterError(
      'VALUE_WRONG_SHAPE',
      `content is ${content.kind} where the baseline was fitted on ${kind}. Send ${kind}, or fit a baseline for ${content.kind}`,
    )
  }
  return content as Extract<Content, { kind: K }>
}
