import { describe, expect, it, vi } from 'vitest'
import { describeFailure, failureDocument, logFailure } from '../../../src/cli/failure.ts'
import { TasterError } from '../../../src/core/errors.ts'
import { openLog } from '../../../src/observe/log.ts'

const stream = { isTTY: false, columns: 80 } as NodeJS.WriteStream
const known = new TasterError('CONFIG_INVALID', 'mail.yaml: 1 problem', {
  problems: [{ where: 'mail.yaml:3:1', message: 'unknown key "\u001b[31m"', remedy: 'did you mean name?' }],
})

describe('a failure', () => {
  it('of a kind we know is its problems, without a stack', () => {
    expect(describeFailure(known, stream)).toBe(
      'error mail.yaml: 1 problem [CONFIG_INVALID]\n  mail.yaml:3:1\n    unknown key "\\e[31m"\n    → did you mean name?',
    )
  })

  it('that nobody thought of asks for a report; a stack comes with TASTER_DEBUG=1', () => {
    const error = new TypeError('x is not a function')
    expect(describeFailure(error, stream)).toMatch(/^error TypeError: x is not a function\nThis is a fault of Taster\./)
    expect(describeFailure(error, stream)).not.toContain('    at ')
    vi.stubEnv('TASTER_DEBUG', '1')
    expect(describeFailure(error, stream)).toContain('    at ')
    vi.unstubAllEnvs()
  })

  it('is the same for programs', () => {
    expect(failureDocument(known)).toEqual({
      error: { code: 'CONFIG_INVALID', message: 'mail.yaml: 1 problem', problems: known.problems },
    })
    const lines: string[] = []
    const log = openLog('fatal', { write: (line) => lines.push(line) })
    logFailure(log, known)
    logFailure(log, new TypeError('odd'))
    const failed = { level: 'fatal', event: 'failed' }
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { ...failed, code: 'CONFIG_INVALID', message: 'mail.yaml: 1 problem', problems: known.problems },
      { ...failed, code: null, message: 'odd', problems: [] },
    ])
    expect(failureDocument('odd')).toEqual({ error: { code: null, message: 'odd', problems: [] } })
  })
})
