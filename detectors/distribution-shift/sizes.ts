/** Records of the batches that a null is drawn for, and the fewest that are tested. */
export const nullBatch = 50
/** Reference records of a stream, label or source that is tested. */
export const fewestRows = 4 * nullBatch
