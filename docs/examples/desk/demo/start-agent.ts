import { setTimeout } from 'node:timers/promises'
import { describeForPerson, isX402Error } from 'pay402'
import type { PaidFetch } from 'pay402/fetch'

/** Codes of what may be paid later: the same call again costs nothing until then. */
const WAITS = ['APPROVAL_PENDING', 'FROZEN']

/** Long enough not to be a nuisance, short enough to watch. */
const PAUSE_MS = 1000

/**
 * Starts an agent that has a few things to buy. It asks for each until it has it, or is told no.
 *
 * @param paidFetch - That of a restricted client.
 * @param urls - What it wants.
 * @param tell - Is told what happens, as a line.
 * @returns What ends it.
 */
export function startAgent(paidFetch: PaidFetch, urls: readonly string[], tell: (line: string) => void): () => void {
  const ending = new AbortController()
  for (const url of urls) void buy(url)

  async function buy(url: string): Promise<void> {
    let isTold = false
    while (!ending.signal.aborted) {
      try {
        const response = await paidFetch(url)
        return tell(`bought ${url}: ${await response.text()}`)
      } catch (error) {
        const isWaiting = isX402Error(error) && WAITS.includes(error.code)
        if (!isWaiting) return tell(`did without ${url}: ${describeForPerson(error)}`)
        if (!isTold) tell(`waits for a yes to ${url}`)
        isTold = true
        await setTimeout(PAUSE_MS, undefined, ending).catch(() => undefined) // it ends
      }
    }
  }

  return () => ending.abort()
}
