import { TasterError } from '../core/errors.ts'

/** A whole number that a flag gives. Throws CONFIG_INVALID where it is none, or not within the bounds. */
export function wholeNumber(flag: string, value: string, least: number, most: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN
  if (number >= least && number <= most) return number
  throw new TasterError('CONFIG_INVALID', `${flag} needs a whole number`, {
    problems: [
      { where: flag, message: `${JSON.stringify(value)} is none that it takes`, remedy: `give ${least} to ${most}` },
    ],
  })
}

/** A share that a flag gives, above 0, below 1 or 1 itself. Throws CONFIG_INVALID where it is none. */
export function shareOf(flag: string, value: string, all: 'all' | 'not all' = 'all'): number {
  const share = /^(0?\.\d{1,9}|1|1\.0*)$/.test(value) ? Number(value) : NaN
  if (share > 0 && (share < 1 || (share === 1 && all === 'all'))) return share
  throw new TasterError('CONFIG_INVALID', `${flag} needs a share`, {
    problems: [
      {
        where: flag,
        message: `${JSON.stringify(value)} is none that it takes`,
        remedy: `give a number above 0 and ${all === 'all' ? 'up to' : 'below'} 1, as 0.05`,
      },
    ],
  })
}

/** One of the words that a flag takes. Throws CONFIG_INVALID where it is none of them. */
export function chosen<T extends string>(flag: string, value: string, words: readonly T[]): T {
  const word = words.find((each) => each === value)
  if (word !== undefined) return word
  throw new TasterError('CONFIG_INVALID', `${flag} does not take ${JSON.stringify(value)}`, {
    problems: [{ where: flag, message: `${JSON.stringify(value)} is not known`, remedy: `give ${words.join(', ')}` }],
  })
}
