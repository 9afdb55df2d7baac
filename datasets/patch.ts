import type { Shape } from './edit.ts'

/** Places of a square of pixels that ends `offset` pixels before the bottom right corner, in an image's bytes. */
export function patchPlaces({ height, width, channels }: Shape, side: number, offset: number): Int32Array {
  const places: number[] = []
  for (let y = height - offset - side; y < height - offset; y++)
    for (let x = width - offset - side; x < width - offset; x++)
      for (let c = 0; c < channels; c++) places.push((y * width + x) * channels + c)
  return Int32Array.from(places.filter((place) => place >= 0))
}
