import { describeEvmPayload } from '../../../schemes/evm/describe-evm-payload.js'
import { wantsPermit2 } from '../../../schemes/evm/permit2/terms.js'
import { describeSvmPayload } from '../../../schemes/svm/exact/described-payload.js'
import type { Described } from '../../payment/scheme.js'
import { isSameAddress } from '../../wire/address.js'
import { isJsonObject } from '../../wire/json.js'
import type { PaymentRequirements } from '../../wire/requirements.js'
import { describeTestPayload } from '../test-scheme.js'
import { type Checked, checkEvmSignature, checkSolanaSignature } from './signature.js'

/** A payment that fits the terms. */
export type Verified = {
  readonly described: Described
  /** Why it is refused if it comes again. */
  readonly used: string
  readonly signature: Exclude<Checked, 'invalid'>
}

/** A payment that doesn't. */
export type Refused = { readonly reason: string }

/** The reasons of one kind of payment, as the official facilitators write them. Source: `@x402/*` 2.27. */
type Reasons = { readonly [fault in 'amount' | 'asset' | 'early' | 'late' | 'payTo' | 'signature' | 'used']: string }

const EIP3009: Reasons = {
  amount: 'invalid_exact_evm_payload_authorization_value_mismatch',
  asset: 'invalid_payload',
  early: 'invalid_exact_evm_payload_authorization_valid_after',
  late: 'invalid_exact_evm_payload_authorization_valid_before',
  payTo: 'invalid_exact_evm_recipient_mismatch',
  signature: 'invalid_exact_evm_signature',
  used: 'invalid_exact_evm_nonce_already_used',
}

const PERMIT2: Reasons = {
  amount: 'permit2_amount_mismatch',
  asset: 'permit2_token_mismatch',
  early: 'permit2_not_yet_valid',
  late: 'permit2_deadline_expired',
  payTo: 'invalid_permit2_recipient_mismatch',
  signature: 'invalid_permit2_signature',
  used: 'permit2_invalid_nonce',
}

const SOLANA: Reasons = {
  amount: 'invalid_exact_svm_payload_amount_mismatch',
  asset: 'invalid_exact_svm_payload_mint_mismatch',
  early: 'invalid_payload',
  late: 'invalid_exact_svm_transaction_failed',
  payTo: 'invalid_exact_svm_payload_recipient_mismatch',
  signature: 'invalid_exact_svm_transaction_simulation_failed',
  used: 'duplicate_settlement',
}

/** One kind of payment: how it is read, and how its signature is checked. */
type Kind = {
  readonly reasons: Reasons
  describe(payload: unknown, requirements: PaymentRequirements, nowSeconds: number): Described | undefined
  check(payload: unknown, requirements: PaymentRequirements, described: Described): Promise<Checked>
}

const KINDS = {
  eip3009: { reasons: EIP3009, describe: describeEvmPayload, check: checkEvmSignature },
  permit2: { reasons: PERMIT2, describe: describeEvmPayload, check: checkEvmSignature },
  solana: { reasons: SOLANA, describe: describeSvmPayload, check: checkSolanaSignature },
  /** There is nothing that could be forged. */
  test: { reasons: EIP3009, describe: describeTestPayload, check: async () => 'valid' },
} satisfies Record<string, Kind>

/**
 * Holds a payment to the terms as a facilitator does, but for what only a chain knows: balances, allowances, and smart accounts.
 *
 * @param payload - What the buyer's scheme signed; untrusted.
 * @param requirements - The offer that it was made for.
 * @returns The payment; or why it is refused, in the words of the official facilitators.
 */
export async function verify(
  payload: unknown,
  requirements: PaymentRequirements,
  nowSeconds: number,
): Promise<Verified | Refused> {
  const kind = findKind(payload, requirements)
  const described = kind?.describe(payload, requirements, nowSeconds)
  if (kind === undefined || described === undefined) return { reason: 'invalid_payload' }
  const { reasons } = kind
  if (!isSameAddress(described.payTo, requirements.payTo)) return { reason: reasons.payTo }
  if (!isSameAddress(described.asset, requirements.asset)) return { reason: reasons.asset }
  if (described.amount !== BigInt(requirements.amount)) return { reason: reasons.amount }
  if (described.validUntilSeconds <= nowSeconds) return { reason: reasons.late }
  if (readValidAfter(payload) > nowSeconds) return { reason: reasons.early }
  const signature = await kind.check(payload, requirements, described)
  return signature === 'invalid' ? { reason: reasons.signature } : { described, used: reasons.used, signature }
}

function findKind(payload: unknown, requirements: PaymentRequirements): Kind | undefined {
  if (isJsonObject(payload) && 'test' in payload) return KINDS.test
  const { scheme, network } = requirements
  if (network.startsWith('solana:')) return KINDS.solana
  if (!network.startsWith('eip155:')) return undefined
  return scheme === 'upto' || wantsPermit2(requirements) ? KINDS.permit2 : KINDS.eip3009
}

/** From when on it is valid, in seconds since 1970; what was read before names a time, or none. */
function readValidAfter(payload: unknown): number {
  const { authorization, permit2Authorization } = isJsonObject(payload) ? payload : {}
  const witness = isJsonObject(permit2Authorization) ? permit2Authorization['witness'] : undefined
  const holder = isJsonObject(authorization) ? authorization : isJsonObject(witness) ? witness : {}
  return Number(holder['validAfter'] ?? 0)
}
