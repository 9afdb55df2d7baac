import type { Matrix } from '../../core/matrix.ts'

/** A grid of cells, each with `channels` values. A place is the top left cell of a 3×3 patch, row by row. */
export interface Grid {
  readonly rows: number
  readonly cols: number
  readonly channels: number
}

const codes = 512 // 3×3 cells, each light or dark

export function placesOf({ rows, cols }: Grid): number {
  return Math.max(0, rows - 2) * Math.max(0, cols - 2)
}

/**
 * The code of the patch at every place of one image: bit 8 is its top left cell, bit 0 its bottom right one, set where
 * the mean over channels is at least one half. Written to `out`, which has one element a place.
 */
export function patchCodes(images: Matrix, image: number, grid: Grid, out: Uint16Array): void {
  const { rows, cols, channels } = grid
  const light = (row: number, col: number): number => {
    let sum = 0
    const at = image * images.cols + (row * cols + col) * channels
    for (let i = at; i < at + channels; i++) sum += images.data[i] ?? 0
    return sum >= channels / 2 ? 1 : 0
  }
  let place = 0
  for (let row = 0; row + 2 < rows; row++) {
    // Three cells a column, the leftmost column in the high bits: the next place shifts one column in.
    let window = 0
    for (let col = 0; col < cols; col++) {
      const column = (light(row, col) << 2) | (light(row + 1, col) << 1) | light(row + 2, col)
      window = ((window << 3) | column) & (codes - 1)
      if (col >= 2) out[place++] = byRows(window)
    }
  }
}

/** The most frequent code at every place: what is usual there tells nothing. Ties go to the lower code. */
export function usualCodes(images: Matrix, grid: Grid): Uint16Array {
  const places = placesOf(grid)
  const counts = new Uint32Array(places * codes)
  const found = new Uint16Array(places)
  for (let image = 0; image < images.rows; image++) {
    patchCodes(images, image, grid, found)
    for (let place = 0; place < places; place++) {
      const at = place * codes + (found[place] ?? 0)
      counts[at] = (counts[at] ?? 0) + 1
    }
  }
  return Uint16Array.from({ length: places }, (_, place) => {
    let usual = 0
    for (let code = 1; code < codes; code++) {
      if ((counts[place * codes + code] ?? 0) > (counts[place * codes + usual] ?? 0)) usual = code
    }
    return usual
  })
}

/** Place and code as one number: no two share an id. */
export function patchId(place: number, code: number): number {
  return place * codes + code
}

/** `patch ███/█··/█·· at row 24, column 24`: rows and columns from 0, of the top left cell. */
export function patchName(id: number, { cols }: Grid, of: string): string {
  const place = Math.floor(id / codes)
  const drawn = (id % codes).toString(2).padStart(9, '0').replaceAll('1', '█').replaceAll('0', '·')
  const across = Math.max(1, cols - 2)
  const rows = [drawn.slice(0, 3), drawn.slice(3, 6), drawn.slice(6)].join('/')
  return `patch ${rows} at row ${Math.floor(place / across)}, column ${place % across}${of}`
}

/** Turns bits that go down the columns into bits that go along the rows. */
function byRows(window: number): number {
  let code = 0
  for (let row = 0; row < 3; row++) {
    for (let col = 0; col < 3; col++) code = (code << 1) | ((window >> (8 - col * 3 - row)) & 1)
  }
  return code
}
