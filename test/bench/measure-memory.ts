import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How often memory is looked at while something runs, in milliseconds. */
const INTERVAL_MS = 5

/** What must have come together before garbage is told from what is held, in bytes: telling takes a while. */
const STEP = 4 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/**
 * Measures how much more memory this thread holds while something runs than before. Garbage doesn't count.
 *
 * @returns The most that was held over rest, in bytes: what JavaScript and its buffers take, of the seller in this thread too.
 */
export async function measureMemory(run: () => Promise<void>): Promise<number> {
  collectGarbage()
  const rest = readHeld()
  let most = rest
  const look = () => {
    if (readHeld() < most + STEP) return
    collectGarbage()
    most = Math.max(most, readHeld())
  }
  const timer = setInterval(look, INTERVAL_MS)
  try {
    await run()
    look()
  } finally {
    clearInterval(timer)
  }
  return most - rest
}

function readHeld(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
