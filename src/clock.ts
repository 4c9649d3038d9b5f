/** Time, as pay402 sees it: a port, so that a test can turn it by hand. */
export type Clock = {
  /** Seconds since 1970-01-01T00:00:00Z, whole. */
  nowSeconds(): number
  /** Milliseconds since some fixed moment; never runs backwards. */
  monotonicMs(): number
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowSeconds: () => Math.floor(Date.now() / 1000),
  monotonicMs: () => performance.now(),
}
