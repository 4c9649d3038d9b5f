import { fail } from '../../../../src/errors/fail.js'
import type { X402Error } from '../../../../src/errors/x402-error.js'
import type { TokenAllowance } from '../../../../src/payment/scheme.js'
import { ALLOWANCE_REQUIRED } from '../../chain/errors.js'
import type { RpcSource } from '../../chain/rpc-sources.js'
import type { EvmSetup } from '../../setup.js'
import type { EvmPayer } from '../../wallet/guard.js'
import { PERMIT2 } from '../contracts.js'
import type { Permit2Terms } from '../terms.js'
import { type AllowanceState, readAllowanceState } from './allowance-state.js'
import type { ApprovalSigner } from './approval-guard.js'
import { signApproval } from './approval-signature.js'
import { signPermit } from './permit-signature.js'
import { EIP2612_SPONSORING, listSponsorable } from './sponsorable.js'

/** How long an allowance that was read is relied on, in seconds, less what was signed since: only the payer's own doing changes it. */
const RELY_SECONDS = 60

/** What an allowance is signed for. */
export type SponsoredPayment = {
  /** When the payment dies, and the permit with it. */
  readonly deadline: bigint
  /** What the seller declared. */
  readonly extensions: Readonly<Record<string, unknown>>
  readonly nowSeconds: number
}

/** What is sent beside a payment. */
export type Sponsored = { readonly extensions: Record<string, unknown>; readonly allowances: readonly TokenAllowance[] }

/** A setup that can ask a chain, and signs for one payment. */
export type Sponsor = EvmSetup & {
  readonly sources: readonly RpcSource[]
  readonly payer: EvmPayer
  /** `undefined` when the key isn't at hand. */
  readonly approve: ApprovalSigner | undefined
}

/**
 * Signs the allowance that a payment through Permit2 needs, where the chain says that it's missing.
 *
 * @returns `undefined` when there is allowance enough, or when no source answers: a chain that can't be asked is no reason to sign.
 * @throws {@link X402Error} `ALLOWANCE_REQUIRED` when it is missing and can't be signed; nothing was signed.
 */
export async function sponsor(
  setup: Sponsor,
  terms: Permit2Terms,
  payment: SponsoredPayment,
): Promise<Sponsored | undefined> {
  if (isRemembered(setup, terms, payment)) return undefined
  const { chainId, asset } = terms
  const question = { chainId, asset, owner: setup.payer.address }
  const state = await readAllowanceState(setup.sources, question).catch(() => undefined)
  if (state === undefined || isEnough(state, setup, terms, payment)) return undefined
  const reasons: string[] = []
  for (const allowance of listSponsorable(setup, terms, payment.extensions)) {
    const isPermit = allowance.by === EIP2612_SPONSORING
    const signed = isPermit
      ? await signPermit(setup.payer, terms, state, payment.deadline)
      : await signApproval(setup, terms, state, BigInt(allowance.amount))
    if ('info' in signed) return { extensions: { [allowance.by]: { info: signed.info } }, allowances: [allowance] }
    reasons.push(signed.problem)
  }
  throw createMissing(terms, state, reasons)
}

function isRemembered({ remembered }: Sponsor, terms: Permit2Terms, { nowSeconds }: SponsoredPayment): boolean {
  const key = toKey(terms)
  const known = remembered.get(key)
  const amount = BigInt(terms.amount)
  if (known === undefined || known.untilSeconds <= nowSeconds || known.amount < amount) return false
  remembered.set(key, { ...known, amount: known.amount - amount })
  return true
}

function isEnough(
  { allowance }: AllowanceState,
  { remembered }: Sponsor,
  terms: Permit2Terms,
  { nowSeconds }: SponsoredPayment,
): boolean {
  const left = allowance - BigInt(terms.amount)
  if (left < 0n) return false
  remembered.set(toKey(terms), { amount: left, untilSeconds: nowSeconds + RELY_SECONDS })
  return true
}

function toKey({ chainId, asset }: Permit2Terms): string {
  return `${chainId}/${asset}`
}

function createMissing(terms: Permit2Terms, { allowance }: AllowanceState, reasons: readonly string[]): X402Error {
  const none = 'the seller takes no allowance that this signer can sign on terms of its own'
  return fail(ALLOWANCE_REQUIRED, {
    facts: {
      network: `eip155:${terms.chainId}`,
      token: terms.asset,
      spender: PERMIT2,
      needed: `${terms.amount} units`,
      allowed: `${allowance} units`,
      because: reasons.length > 0 ? reasons.join('; ') : none,
    },
  })
}
