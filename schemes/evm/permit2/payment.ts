import { systemClock } from '../../../src/payment/clock.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { MAX_VALIDITY_SECONDS, type SchemeContext, type TokenAllowance } from '../../../src/payment/scheme.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { createNonce, type Hex, isUint256, toWholeSeconds } from '../hex.js'
import { type EvmSetup, findSources } from '../setup.js'
import { type EvmPayer, guardWallet } from '../wallet/guard.js'
import { PERMIT2_RULES } from '../wallet/rare-rules.js'
import { type Permit2Payload, signPermit2 } from './signature.js'
import { guardApproval } from './sponsoring/approval-guard.js'
import { listSponsorable, maySponsor } from './sponsoring/sponsorable.js'
import type { Permit2Terms } from './terms.js'

/** A payment through Permit2, and what was signed beside it. */
export type PaidByPermit2 = {
  readonly payload: Permit2Payload
  readonly extensions?: Record<string, unknown>
  readonly allowances?: readonly TokenAllowance[]
}

/** What was approved, and what was read of it. */
export type ApprovedPayment = { readonly requirements: PaymentRequirements; readonly terms: Permit2Terms }

/**
 * Signs a payment through Permit2; and beside it the allowance that it needs, where the seller submits it, the user lets it, and the chain
 * says that it's missing. No chain is asked where the seller offers no such thing.
 *
 * @throws {@link X402Error} `ALLOWANCE_REQUIRED` before anything is signed, and what the signer throws.
 */
export async function payByPermit2(
  setup: EvmSetup,
  { requirements, terms }: ApprovedPayment,
  context: SchemeContext = {},
): Promise<PaidByPermit2> {
  const { clock = systemClock, random = systemRandomBytes, extensions = {}, signal } = context
  const nonce = BigInt(createNonce(random))
  const sources = findSources(setup, terms.chainId)
  if (sources === undefined || !maySponsor(setup, requirements.network, extensions)) {
    const { payer, deadline } = start(setup, { requirements, terms }, context)
    return { payload: await signPermit2(payer, terms, { nonce, deadline }) }
  }
  const { findMissing, signAllowance, giveUp, letLeave } = await import('./sponsoring/sponsor.js')
  const payment = { ...terms, owner: setup.wallet.address, sources, nonce, clock, signal }
  const offered = listSponsorable(setup, terms, extensions)
  const missing = await findMissing(setup, payment, offered)
  try {
    // From now on, since the chain may have kept it waiting.
    const { payer, deadline } = start(setup, { requirements, terms }, context)
    const approve = setup.transactions && guardApproval(setup.transactions, { requirements, mode: setup.allowance })
    const signers = { payer, approve, deadline }
    const sponsored = missing && (await signAllowance(signers, terms, missing, offered))
    const payload = await signPermit2(payer, terms, { nonce, deadline })
    letLeave(payment)
    return { payload, ...sponsored }
  } catch (error) {
    giveUp(payment)
    throw error
  }
}

/** Lets the next payment of an account sign its allowance at once, since this one won't be settled. */
export async function forgoAllowance(owner: Hex, nonce: string): Promise<void> {
  const { giveUp } = await import('./sponsoring/sponsor.js')
  if (isUint256(nonce)) giveUp({ owner, nonce: BigInt(nonce) })
}

/** Who signs, for this payment alone, and until when it is valid from now on. */
function start(
  { wallet }: EvmSetup,
  { requirements, terms }: ApprovedPayment,
  { clock = systemClock, maxValiditySeconds = MAX_VALIDITY_SECONDS }: SchemeContext,
): { payer: EvmPayer; deadline: bigint } {
  const now = clock.nowSeconds()
  const most = Math.min(maxValiditySeconds, MAX_VALIDITY_SECONDS)
  const payer = guardWallet(wallet, { requirements, latestSeconds: now + most }, PERMIT2_RULES)
  return { payer, deadline: toWholeSeconds(now + Math.min(terms.maxTimeoutSeconds, most)) }
}
