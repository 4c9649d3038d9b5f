import type { ChainVerdict, Described } from '../../../src/payment/scheme.js'
import { readAddress } from '../address.js'
import { reconcileAuthorization } from '../chain/authorization.js'
import type { RpcSource } from '../chain/rpc-sources.js'
import { findPermit2End } from './end.js'
import { readIsNonceUsed, readPermit2Nonce } from './nonce.js'

/**
 * Asks every source what became of a payment through Permit2, which remembers it in the payer's bitmap of nonces.
 *
 * @param timeoutMs - How long one answer may take.
 * @returns `unknown` when a source fails, whatever the reason, or when they disagree. `amount` is what was really taken, where the
 *   transaction that took it shows.
 */
export async function reconcilePermit2(
  sources: readonly RpcSource[],
  chainId: number,
  described: Described,
  timeoutMs?: number,
): Promise<ChainVerdict> {
  const { validUntilSeconds } = described
  const nonce = readPermit2Nonce(described)
  const asset = readAddress(described.asset)
  const payTo = readAddress(described.payTo)
  const isReadable = nonce !== undefined && 'value' in asset && 'value' in payTo
  if (!isReadable || !Number.isSafeInteger(validUntilSeconds)) return { verdict: 'unknown' }
  const payment = { nonce, asset: asset.value, payTo: payTo.value }
  const verdict = await reconcileAuthorization(
    sources,
    chainId,
    {
      validUntilSeconds,
      readIsUsed: (chain, block) => readIsNonceUsed(chain, nonce, block),
      findEnd: (chain, from, to) => findPermit2End(chain, payment, from, to),
    },
    timeoutMs,
  )
  // The proxies never take more than was signed, so a source that says so is wrong.
  const { amount, ...rest } = verdict
  return amount !== undefined && amount > described.amount ? rest : verdict
}
