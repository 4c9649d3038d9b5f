/** What a seller's reason means for the buyer. */
export type ReasonKind =
  | 'already-spent'
  | 'pending'
  | 'short-of-money'
  | 'allowance'
  | 'clock'
  | 'terms-changed'
  | 'undeployed-wallet'
  | 'unknown'

/** Reasons that the official servers and facilitators give. Source: `@x402/*` 2.27, and the specification of protocol 1, "Error Codes". */
const EXACT: Readonly<Record<string, ReasonKind>> = {
  invalid_exact_evm_nonce_already_used: 'already-spent',
  permit2_invalid_nonce: 'already-spent',
  duplicate_settlement: 'already-spent',
  settlement_pending: 'pending',
  insufficient_funds: 'short-of-money',
  permit2_allowance_required: 'allowance',
  permit2_deadline_expired: 'clock',
  permit2_not_yet_valid: 'clock',
  'No matching payment requirements': 'terms-changed',
  extension_echo_mismatch: 'terms-changed',
}

const ENDINGS: readonly (readonly [ending: string, kind: ReasonKind])[] = [
  ['_insufficient_balance', 'short-of-money'],
  ['_valid_before', 'clock'],
  ['_valid_after', 'clock'],
  ['eip6492_factory_not_allowed', 'undeployed-wallet'],
]

/** Classifies the seller's word on why it didn't deliver. It explains; it proves nothing, and no budget depends on it (R2). */
export function classifyReason(reason: string | undefined): ReasonKind {
  if (reason === undefined) return 'unknown'
  const exact = Object.hasOwn(EXACT, reason) ? EXACT[reason] : undefined
  return exact ?? ENDINGS.find(([ending]) => reason.endsWith(ending))?.[1] ?? 'unknown'
}
