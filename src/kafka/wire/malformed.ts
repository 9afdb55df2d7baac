/** Bytes that are not what the format says. Thrown and caught within the reading of one record batch. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}
