import { InvalidArgumentError } from 'commander'
import { attacks } from './scenario.ts'

export const everyAttack: readonly string[] = [...attacks.keys()]

/** Gathers the attacks that are named; the first one replaces what there was by default. */
export function attacksInsteadOf(unlessNamed: readonly string[]) {
  return (value: string, before: readonly string[] | undefined): readonly string[] => {
    if (value === 'none') return []
    if (!attacks.has(value)) throw new InvalidArgumentError(`choose among ${everyAttack.join(', ')}, none`)
    return [...(before === unlessNamed ? [] : (before ?? [])), value]
  }
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('give a whole number')
  return Number(value)
}

export function share(value: string): number {
  const rate = Number(value)
  if (!(rate > 0 && rate <= 1)) throw new InvalidArgumentError('give a share above 0 and up to 1, like 0.02')
  return rate
}

/** Of things a second. */
export function frequency(value: string): number {
  const rate = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN
  if (!(rate >= 0.001 && rate <= 1e9)) throw new InvalidArgumentError('give records a second, like 200')
  return rate
}
