/** Where pay402 gets the time: a port, so that a test can turn it by hand. */
export type Clock = {
  /** Seconds since 1970-01-01T00:00:00Z, whole. */
  nowSeconds(): number
  /** Milliseconds since some fixed moment; never runs backwards. */
  monotonicMs(): number
  /** Waits; ends early, without an error, when the signal fires. @default the platform's timer */
  wait?(milliseconds: number, signal: AbortSignal | undefined): Promise<void>
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowSeconds: () => Math.floor(Date.now() / 1000),
  monotonicMs: () => performance.now(),
}

/** Repeats something until the timer is cleared, without keeping the process alive. In a page, and elsewhere where timers are numbers, nothing would. */
export function startTimer(work: () => void, everyMs: number): ReturnType<typeof setInterval> {
  const timer = setInterval(work, everyMs)
  const own: unknown = timer
  if (typeof own === 'object' && own !== null && 'unref' in own && typeof own.unref === 'function') own.unref()
  return timer
}
