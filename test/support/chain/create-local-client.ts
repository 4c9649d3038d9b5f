import { setTimeout } from 'node:timers/promises'
import {
  type Chain,
  createPublicClient,
  type Hex,
  http,
  type PublicClient,
  TransactionReceiptNotFoundError,
  type WaitForTransactionReceiptParameters,
  WaitForTransactionReceiptTimeoutError,
} from 'viem'

/** How often a chain on this machine is asked, in milliseconds. */
const POLL_MS = 20

/**
 * Creates viem's client of a chain on this machine.
 *
 * It waits for a receipt by asking for it again and again. viem itself asks once for each block, and overlooks one that is mined while it
 * is still busy with the one before: on a busy machine it then waits until something else is mined.
 */
export function createLocalClient(chain: Chain): PublicClient {
  const client = createPublicClient({ chain, transport: http(), pollingInterval: POLL_MS, cacheTime: 0 })

  function readReceipt(hash: Hex) {
    return client.getTransactionReceipt({ hash }).catch((error: unknown) => {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    })
  }

  async function waitForTransactionReceipt({ hash, timeout }: WaitForTransactionReceiptParameters) {
    const overdue = timeout === undefined ? undefined : AbortSignal.timeout(timeout)
    for (let receipt = await readReceipt(hash); ; receipt = await readReceipt(hash)) {
      if (receipt !== undefined) return receipt
      if (overdue?.aborted) throw new WaitForTransactionReceiptTimeoutError({ hash })
      await setTimeout(POLL_MS)
    }
  }

  return client.extend(() => ({ waitForTransactionReceipt }))
}
