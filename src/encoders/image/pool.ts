import type { Content } from '../../core/batch.ts'
import type { Matrix } from '../../core/matrix.ts'

export type Images = Extract<Content, { kind: 'image' }>

/** The grid that images are averaged down to: as they are where neither side is longer than `side`. */
export function gridOf(
  { height, width }: { height: number; width: number },
  side: number,
): { rows: number; cols: number } {
  return { rows: Math.min(height, side), cols: Math.min(width, side) }
}

/** Average of each cell of the grid, all channels: images × (rows · cols · channels), from 0 (dark) to 1. */
export function pooled(images: Images, count: number, side: number): Matrix {
  const { height, width, channels, pixels } = images
  const { rows, cols } = gridOf(images, side)
  const size = rows * cols * channels
  const data = new Float32Array(count * size)
  const image = height * width * channels
  for (let n = 0; n < count; n++) {
    for (let r = 0; r < rows; r++) {
      const top = Math.floor((r * height) / rows)
      const bottom = Math.floor(((r + 1) * height) / rows)
      for (let c = 0; c < cols; c++) {
        const left = Math.floor((c * width) / cols)
        const right = Math.floor(((c + 1) * width) / cols)
        const area = (bottom - top) * (right - left) * 255
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0
          for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) sum += pixels[n * image + (y * width + x) * channels + channel] ?? 0
          }
          data[n * size + (r * cols + c) * channels + channel] = sum / area
        }
      }
    }
  }
  return { rows: count, cols: size, data }
}
