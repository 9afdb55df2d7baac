/** Resolves with the promise, or after so many milliseconds without it. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)))
  try {
    await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}
