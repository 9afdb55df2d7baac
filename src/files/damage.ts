/** The input cannot be read on from here: what came before stands. */
export class Damage extends Error {
  override readonly name = 'Damage'
}

export function damaged(what: string, error: unknown): Damage {
  const message = error instanceof Error ? error.message : String(error)
  return new Damage(`the ${what} data breaks off or is damaged: ${message}`)
}
