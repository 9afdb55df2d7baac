import { featuresOf, type Encoded } from '../src/core/encoded.ts'

/** Names of features, found by looking for a row that has them. */
export function naming(encoded: Encoded): (feature: number) => string {
  return (feature) => {
    const row = encoded.label.findIndex((_, at) => featuresOf(encoded.features, at).includes(feature))
    return row < 0 ? `feature ${feature}` : encoded.nameOf(row, feature)
  }
}
