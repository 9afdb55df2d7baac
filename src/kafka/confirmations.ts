/** What passes the group's word on to lines that wait for it, whichever membership it comes by. */
export interface Confirmations {
  /** The group has said just now that this process is a member. */
  confirm(): void
  /** Resolves once the group has confirmed after the call, or `signal` aborts. */
  next(signal: AbortSignal): Promise<void>
}

export function openConfirmations(): Confirmations {
  const waiting = new Set<() => void>()
  return {
    confirm() {
      for (const resolve of waiting) resolve()
    },
    next: (signal) =>
      new Promise((resolve) => {
        const end = () => {
          waiting.delete(end)
          signal.removeEventListener('abort', end)
          resolve()
        }
        if (signal.aborted) {
          resolve()
          return
        }
        waiting.add(end)
        signal.addEventListener('abort', end)
      }),
  }
}
