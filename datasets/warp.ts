import type { Shape } from './edit.ts'

/** Where each pixel of a warped image is taken from: down and across, in pixels of the original. */
export interface Warp {
  readonly down: Float64Array // height × width
  readonly across: Float64Array
}

/**
 * A smooth random warp: displacements drawn at k × k control points, brought to a mean size of 1, interpolated
 * bicubically to every pixel and scaled by `strength` (Nguyen & Tran 2021, "WaNet", section 3.2). A strength of 1 moves
 * a pixel by about half of one.
 */
export function smoothWarp({ height, width }: Shape, k: number, strength: number, uniform: () => number): Warp {
  const controls = [0, 1].map(() => Float64Array.from({ length: k * k }, () => 2 * uniform() - 1))
  const size = controls.reduce((sum, each) => sum + each.reduce((s, x) => s + Math.abs(x), 0), 0) / (2 * k * k)
  const at = (control: Float64Array | undefined, y: number, x: number, side: number) =>
    ((strength / (size || 1)) *
      bicubic(control ?? new Float64Array(), k, place(y, height, k), place(x, width, k)) *
      (side - 1)) /
    (2 * side)
  const pixels = Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width] as const)
  return {
    down: Float64Array.from(pixels, ([y, x]) => y + at(controls[0], y, x, height)),
    across: Float64Array.from(pixels, ([y, x]) => x + at(controls[1], y, x, width)),
  }
}

/** The same warp with noise of at most half a pixel at every pixel: what a model must learn to ignore. */
export function jittered({ down, across }: Warp, uniform: () => number): Warp {
  const jitter = (value: number) => value + (uniform() - 0.5)
  return { down: down.map(jitter), across: across.map(jitter) }
}

/** Takes each pixel from where the warp says, bilinearly, no farther than the edge. Changes `image` in place. */
export function warpImage(image: Uint8Array, { height, width, channels }: Shape, { down, across }: Warp): void {
  const original = image.slice()
  for (let i = 0; i < height * width; i++) {
    const y = Math.max(0, Math.min(height - 1, down[i] ?? 0))
    const x = Math.max(0, Math.min(width - 1, across[i] ?? 0))
    const top = Math.min(Math.floor(y), Math.max(0, height - 2))
    const left = Math.min(Math.floor(x), Math.max(0, width - 2))
    const pixel = (dy: number, dx: number, c: number) =>
      original[(Math.min(top + dy, height - 1) * width + Math.min(left + dx, width - 1)) * channels + c] ?? 0
    for (let c = 0; c < channels; c++) {
      const above = pixel(0, 0, c) * (1 - x + left) + pixel(0, 1, c) * (x - left)
      const below = pixel(1, 0, c) * (1 - x + left) + pixel(1, 1, c) * (x - left)
      image[i * channels + c] = Math.round(above * (1 - y + top) + below * (y - top))
    }
  }
}

/** Of `side` pixels on the scale of k control points, ends on ends. */
function place(pixel: number, side: number, k: number): number {
  return side < 2 ? 0 : (pixel * (k - 1)) / (side - 1)
}

/** Keys' cubic convolution with a = -3/4; beyond the edge the nearest control point counts. */
function bicubic(of: Float64Array, k: number, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)]
  let sum = 0
  for (let i = -1; i <= 2; i++) {
    for (let j = -1; j <= 2; j++) {
      const row = Math.max(0, Math.min(k - 1, top + i))
      const col = Math.max(0, Math.min(k - 1, left + j))
      sum += (of[row * k + col] ?? 0) * cubic(y - top - i) * cubic(x - left - j)
    }
  }
  return sum
}

function cubic(distance: number): number {
  const a = -0.75
  const t = Math.abs(distance)
  if (t <= 1) return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1
  return t < 2 ? a * (t ** 3 - 5 * t ** 2 + 8 * t - 4) : 0
}
