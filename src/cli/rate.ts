const burstSeconds = 1
const stepSeconds = 0.02

/** Lets a number of things happen a second, counted from when it is opened. */
export interface Rate {
  /** Milliseconds until the next may happen; 0: now. */
  wait(): number
  spend(things: number): void
}

/**
 * A token bucket that holds what one second allows: time that was lost beyond that is not made up for. Spending more than
 * there is delays what follows, so that the rate holds over time whatever the steps. `now` is in ms.
 */
export function openRate(perSecond: number, now: () => number = () => performance.now()): Rate {
  const step = Math.max(1, perSecond * stepSeconds) // waits shorter than this would only burn time
  let tokens = 0
  let at = now()
  return {
    wait() {
      const time = now()
      tokens = Math.min(tokens + ((time - at) / 1000) * perSecond, Math.max(1, perSecond * burstSeconds))
      at = time
      return tokens >= 1 ? 0 : Math.ceil(((step - tokens) / perSecond) * 1000)
    },
    spend(things) {
      tokens -= things
    },
  }
}
