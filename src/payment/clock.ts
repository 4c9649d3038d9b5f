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

/** What {@link within} rejects with when the time is over: no error, since its caller says what is late. */
export const LATE = /* @__PURE__ */ Symbol('late')

/**
 * Waits for something, but no longer than so many milliseconds; as long as it waits, the process goes on. What comes later is of no use.
 *
 * @throws {@link LATE} when the time is over, else what was waited for.
 */
export async function within<T>(awaited: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(LATE), Math.max(0, milliseconds))
  })
  try {
    return await Promise.race([awaited, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Repeats something until the timer is cleared, without keeping the process alive. In a page, and elsewhere where timers are numbers, nothing would. */
export function startTimer(work: () => void, everyMs: number): ReturnType<typeof setInterval> {
  const timer = setInterval(work, everyMs)
  const own: unknown = timer
  if (typeof own === 'object' && own !== null && 'unref' in own && typeof own.unref === 'function') own.unref()
  return timer
}
