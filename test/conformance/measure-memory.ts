/** How often memory is looked at while something runs, in milliseconds. */
const INTERVAL_MS = 5

/**
 * Measures how much more memory this thread holds while something runs than before.
 *
 * @returns The most that was held over rest, in bytes: what JavaScript and its buffers take, of the seller in this thread too.
 */
export async function measureMemory(run: () => Promise<void>): Promise<number> {
  const rest = readHeld()
  let most = rest
  const look = () => {
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
