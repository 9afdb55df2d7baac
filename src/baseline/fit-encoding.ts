import { select, sizeOf, type Records } from '../core/batch.ts'
import { selectEncoded, type Encoded } from '../core/encoded.ts'
import { TasterError } from '../core/errors.ts'
import { rowOf, type Matrix } from '../core/matrix.ts'
import type { Encoding } from './baseline.ts'
import type { ChosenEncoder } from './chosen.ts'
import { labelIndices, openEncoding } from './encode.ts'
import { neighbourhoodOf, type Neighbourhood } from './reference.ts'
import { seedFor } from './seed.ts'
import type { Split } from './split.ts'

export interface FittedEncoding extends Pick<Neighbourhood, 'self'> {
  readonly encoding: Encoding
}

/** The three parts of the trusted data as detectors see them. */
export interface EncodedSplits {
  readonly reference: Encoded
  readonly calibration: Encoded
  readonly validation: Encoded
  /** All trusted records in their order, and which of them make up each part. */
  readonly whole: Encoded
  readonly rows: Pick<Split, 'reference' | 'calibration' | 'validation'>
}

/** Fits the encoder on the reference split and sets up its neighbours. */
export async function fitEncoding(
  records: Records,
  split: Split,
  labels: readonly string[],
  { encoder, named, assets }: ChosenEncoder,
  seed: number,
): Promise<FittedEncoding> {
  const reference = select(records, split.reference)
  const fitted = await encoder.fit(reference, named.params, seedFor(seed, 'encoder'), assets)
  const vectors = await encoder.encode(reference.content, fitted, assets)
  assertFinite(vectors, named.name)
  const neighbourhood = neighbourhoodOf(
    {
      label: labelIndices(reference.label, labels),
      group: split.reference.map((row) => split.group[row] ?? -1),
      vectors,
    },
    labels.length > 0,
    seedFor(seed, 'neighbours'),
  )
  const { reference: neighbours, self } = neighbourhood
  return { self, encoding: { encoder, fitted, assets, labels, reference: neighbours } }
}

/** Encodes each split by the reference; its own records never meet themselves there. */
export async function encodeSplits(
  records: Records,
  split: Split,
  { encoding, self }: FittedEncoding,
): Promise<EncodedSplits> {
  const exclude = new Int32Array(sizeOf(records)).fill(-1)
  split.reference.forEach((row, i) => (exclude[row] = self[i] ?? -1))
  const open = await openEncoding(encoding)
  try {
    const whole = await open.encode(records, { exclude })
    return {
      reference: selectEncoded(whole, split.reference),
      calibration: selectEncoded(whole, split.calibration),
      validation: selectEncoded(whole, split.validation),
      whole,
      rows: split,
    }
  } finally {
    open.close()
  }
}

function assertFinite(vectors: Matrix, encoder: string): void {
  for (let row = 0; row < vectors.rows; row++) {
    if (!rowOf(vectors, row).every(Number.isFinite)) {
      throw new TasterError(
        'INVARIANT_BROKEN',
        `Encoder ${encoder} made a vector that is not finite (reference row ${row})`,
      )
    }
  }
}
