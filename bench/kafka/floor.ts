/** What both floors are: they run in processes of their own, on the arguments that are given here. */
export interface FloorOptions {
  readonly brokers: string
  readonly group: string
  readonly input: string
  readonly output: string
}

export const transactionRecords = 1000
export const requestBytes = 2 * 2 ** 20 // of one fetch: whole transactions of records of a kilobyte

export const argumentsOf = ({ brokers, group, input, output }: FloorOptions) => [brokers, group, input, output]

export function optionsOf([, , brokers = '', group = '', input = '', output = '']: readonly string[]): FloorOptions {
  return { brokers, group, input, output }
}

export const toldReady = (): void => void process.stdout.write('{"event":"ready"}\n')

/** Resolves when the process is told to end. */
export const untilTold = (): Promise<void> => new Promise((resolve) => process.once('SIGTERM', resolve))
