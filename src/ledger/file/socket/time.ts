import { systemClock } from '../../../payment/clock.js'

/** How long a step waits for the process that has the file open, in milliseconds, before its caller is told that it failed. */
export const PATIENCE_MS = 5000

/** What {@link within} resolves to when the time is up. */
export const LATE = Symbol('late')

/** Milliseconds by a clock that goes on evenly; each process has its own. */
export const nowMs = systemClock.monotonicMs

/** Waits for something, but no longer than until a moment; as long as it waits, the process goes on. */
export async function within<T>(awaited: Promise<T>, untilMs: number): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), Math.max(0, untilMs - nowMs()))
  })
  try {
    return await Promise.race([awaited, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits, without keeping the process from ending. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds).unref())
}

/** Waits for something, without an end; as long as it waits, the process goes on. */
export async function stayFor<T>(awaited: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 60_000)
  try {
    return await awaited
  } finally {
    clearInterval(timer)
  }
}
