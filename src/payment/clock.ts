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
