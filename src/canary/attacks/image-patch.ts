import type { Attack } from '../attack.ts'
import { drawPair, drawRows, relabelled, rowsWithout } from '../edit.ts'

const side = 3 // pixels

const attack: Attack = {
  about: {
    title: 'Image patch',
    does: 'Paints nine pixels, always the same at the same place, and gives the images one label.',
    references: [
      'Gu, Dolan-Gavitt, Garg 2017, BadNets: Identifying Vulnerabilities in the ML Model Supply Chain, arXiv:1708.06733',
    ],
  },
  content: ['image'],
  needs: ['labels'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    if (pair === null || recent.content.kind !== 'image') return null
    const { height, width, channels } = recent.content
    if (height < side || width < side) return null
    const top = Math.floor(draw() * (height - side + 1))
    const left = Math.floor(draw() * (width - side + 1))
    const pattern = Uint8Array.from({ length: side * side }, () => (draw() < 0.5 ? 0 : 255))
    return (records, count, uniform) => {
      const { content } = records
      if (content.kind !== 'image') return { records, rows: [] }
      const rows = drawRows(rowsWithout(records, pair.to), count, uniform)
      const pixels = content.pixels.slice()
      for (const row of rows)
        for (const [i, shade] of pattern.entries()) {
          const y = row * height + top + Math.floor(i / side)
          const at = (y * width + left + (i % side)) * channels
          pixels.fill(shade, at, at + channels)
        }
      return { records: { ...relabelled(records, rows, pair.to), content: { ...content, pixels } }, rows }
    }
  },
}
export default attack
