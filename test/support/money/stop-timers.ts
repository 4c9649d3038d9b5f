import { onTestFinished, vi } from 'vitest'

/**
 * Stops the platform's timers until the test is over, so that what is in time doesn't hang on how busy the machine is. Sockets go on.
 *
 * @returns Lets so many milliseconds pass.
 */
export function stopTimers(): (milliseconds: number) => void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  return (milliseconds) => void vi.advanceTimersByTime(milliseconds)
}
