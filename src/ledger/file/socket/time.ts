import { systemClock } from '../../../payment/clock.js'

/** How long a step waits for the process that has the file open, in milliseconds, before its caller is told that it failed. */
export const PATIENCE_MS = 5000

/** Milliseconds by a clock that goes on evenly; each process has its own. */
export const nowMs = systemClock.monotonicMs

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
