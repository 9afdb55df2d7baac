import type { Content } from '../../src/core/batch.ts'
import type { Matrix } from '../../src/core/matrix.ts'
import { discreteCosineTransform } from '../../src/stats/discrete-cosine-transform.ts'
import { medianFilter } from '../../src/stats/median-filter.ts'

export type Images = Extract<Content, { kind: 'image' }>

/** The grid of cells that images are averaged down to. */
export interface Grid {
  readonly rows: number
  readonly cols: number
}

export function gridOf({ height, width }: Images, side: number): Grid {
  return { rows: Math.min(height, side), cols: Math.min(width, side) }
}

const floor = 0.01 // a coefficient below it is no signal: its logarithm must not run off

/**
 * One row an image: log(.01 + |DCT-II of what a 3 × 3 median takes away|), the mean over channels, of pixels from 0 to 1.
 * A trigger is seldom as smooth as what it is put on, and what is not smooth is left by the median (Zeng et al. 2021,
 * "Rethinking the backdoor attacks' triggers: a frequency perspective", find the same in other spectra).
 */
export function spectraOf(images: Images, rows: ArrayLike<number>, grid: Grid): Matrix {
  const size = grid.rows * grid.cols
  const data = new Float32Array(rows.length * size)
  const residual = new Float64Array(size)
  const spectrum = new Float64Array(size)
  for (let i = 0; i < rows.length; i++) {
    for (let channel = 0; channel < images.channels; channel++) {
      residualOf(images, rows[i] ?? 0, channel, grid, residual)
      discreteCosineTransform(residual, grid.rows, grid.cols, spectrum)
      for (let j = 0; j < size; j++) {
        const log = Math.log(floor + Math.abs(spectrum[j] ?? 0))
        data[i * size + j] = (data[i * size + j] ?? 0) + log / images.channels
      }
    }
  }
  return { rows: rows.length, cols: size, data }
}

let cells = new Float64Array(0)
let smooth = new Float64Array(0)

/** One channel of an image, averaged down to the grid, less its 3 × 3 median. */
export function residualOf(images: Images, image: number, channel: number, grid: Grid, out: Float64Array): void {
  const size = grid.rows * grid.cols
  if (cells.length !== size) [cells, smooth] = [new Float64Array(size), new Float64Array(size)]
  average(images, image, channel, grid, cells)
  medianFilter(cells, grid.rows, grid.cols, smooth)
  for (let j = 0; j < size; j++) out[j] = (cells[j] ?? 0) - (smooth[j] ?? 0)
}

function average(images: Images, image: number, channel: number, { rows, cols }: Grid, out: Float64Array): void {
  const { height, width, channels, pixels } = images
  const from = image * height * width * channels + channel
  if (rows === height && cols === width) {
    for (let j = 0; j < rows * cols; j++) out[j] = (pixels[from + j * channels] ?? 0) / 255
    return
  }
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * height) / rows)
    const bottom = Math.floor(((row + 1) * height) / rows)
    for (let col = 0; col < cols; col++) {
      const left = Math.floor((col * width) / cols)
      const right = Math.floor(((col + 1) * width) / cols)
      let sum = 0
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) sum += pixels[from + (y * width + x) * channels] ?? 0
      out[row * cols + col] = sum / ((bottom - top) * (right - left) * 255)
    }
  }
}
