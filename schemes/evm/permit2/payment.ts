import { systemClock } from '../../../src/payment/clock.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { MAX_VALIDITY_SECONDS, type SchemeContext, type TokenAllowance } from '../../../src/payment/scheme.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { createNonce, toWholeSeconds } from '../hex.js'
import { type EvmSetup, findSources } from '../setup.js'
import { guardWallet } from '../wallet/guard.js'
import { PERMIT2_RULES } from '../wallet/rare-rules.js'
import { type Permit2Payload, signPermit2 } from './signature.js'
import { guardApproval } from './sponsoring/approval-guard.js'
import { maySponsor } from './sponsoring/sponsorable.js'
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
  const { clock = systemClock, random = systemRandomBytes, maxValiditySeconds = MAX_VALIDITY_SECONDS } = context
  const now = clock.nowSeconds()
  const seconds = Math.min(terms.maxTimeoutSeconds, maxValiditySeconds, MAX_VALIDITY_SECONDS)
  const use = { nonce: BigInt(createNonce(random)), deadline: toWholeSeconds(now + seconds) }
  const extensions = context.extensions ?? {}
  const sources = findSources(setup, terms.chainId)
  const latestSeconds = now + Math.min(maxValiditySeconds, MAX_VALIDITY_SECONDS)
  const payer = guardWallet(setup.wallet, { requirements, latestSeconds }, PERMIT2_RULES)
  if (sources === undefined || !maySponsor(setup, requirements.network, extensions))
    return { payload: await signPermit2(payer, terms, use) }
  const { sponsor } = await import('./sponsoring/sponsor.js')
  const approve = setup.transactions && guardApproval(setup.transactions, { requirements, mode: setup.allowance })
  const payment = { deadline: use.deadline, extensions, nowSeconds: now }
  const sponsored = await sponsor({ ...setup, sources, payer, approve }, terms, payment)
  return { payload: await signPermit2(payer, terms, use), ...sponsored }
}
