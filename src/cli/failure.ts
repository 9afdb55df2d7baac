import type { Logger } from 'pino'
import { TasterError } from '../core/errors.ts'
import { coloursFor, printable, wrap, widthOf } from './terminal.ts'

/** What a person reads when a command could not do its work. Not a stack: that is for errors nobody thought of. */
export function describeFailure(error: unknown, stream: NodeJS.WriteStream): string {
  const { red, bold, dim } = coloursFor(stream)
  const width = widthOf(stream)
  if (!(error instanceof TasterError)) {
    const message = printable(error instanceof Error ? `${error.name}: ${error.message}` : String(error), 1000)
    const stack = process.env['TASTER_DEBUG'] === '1' && error instanceof Error ? `\n${error.stack}` : ''
    const advice =
      'This is a fault of Taster. Please report it with the command that you ran; TASTER_DEBUG=1 shows where it happened.'
    return `${red(bold('error'))} ${message}\n${wrap(advice, width)}${stack}`
  }
  const head = wrap(printable(error.message, 2000), width - 6)
  const problems = error.problems.map(({ where, message, remedy }) =>
    [
      `  ${bold(printable(where, 500))}`,
      wrap(printable(message, 500), width, '    '),
      dim(wrap(printable(remedy, 1000), width, '      ', '    → ')),
    ].join('\n'),
  )
  const stack = process.env['TASTER_DEBUG'] === '1' ? [error.stack ?? ''] : []
  return [`${red(bold('error'))} ${head} ${dim(`[${error.code}]`)}`, ...problems, ...stack].join('\n')
}

/** A line of the log for what ends the process. */
export function logFailure(log: Logger, error: unknown): void {
  log.fatal({ event: 'failed', ...failureDocument(error).error })
}

/** The same for programs. */
export function failureDocument(error: unknown) {
  if (error instanceof TasterError)
    return { error: { code: error.code, message: error.message, problems: error.problems } }
  return { error: { code: null, message: error instanceof Error ? error.message : String(error), problems: [] } }
}
