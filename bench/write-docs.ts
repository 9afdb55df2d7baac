import { readmePath, writeReadme } from './document.ts'

// `npm run docs`
process.stdout.write(`${readmePath}: ${(await writeReadme()) ? 'written' : 'up to date'}\n`)
