import { readFileSync } from 'node:fs'

function read(): string {
  // package.json stands above src/cli when TypeScript runs, and above dist/src/cli when it was built
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
    } catch {
      continue
    }
  }
  return '0.0.0'
}

export const version: string = read()
