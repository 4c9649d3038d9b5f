import { fail } from '../../../../src/errors/fail.js'
import type { X402Error } from '../../../../src/errors/x402-error.js'
import type { Clock } from '../../../../src/payment/clock.js'
import type { TokenAllowance } from '../../../../src/payment/scheme.js'
import { ALLOWANCE_REQUIRED } from '../../chain/errors.js'
import type { EvmSetup } from '../../setup.js'
import type { EvmPayer } from '../../wallet/guard.js'
import { PERMIT2 } from '../contracts.js'
import { toPermit2Nonce } from '../nonce.js'
import type { Permit2Terms } from '../terms.js'
import { type AllowanceState, readAllowanceState } from './allowance-state.js'
import type { ApprovalSigner } from './approval-guard.js'
import { signApproval } from './approval-signature.js'
import { signPermit } from './permit-signature.js'
import {
  countChanges,
  end,
  hasChangedSince,
  leave,
  listReliances,
  type Place,
  type Reliance,
  rely,
} from './reliance.js'
import { EIP2612_SPONSORING } from './sponsorable.js'

/** How long an allowance that was read is relied on, in seconds, less what was signed since: only the payer's own doing changes it. */
const RELY_SECONDS = 60

/** How often a chain is asked whether the payments before this one are settled, and the pause between, in milliseconds. */
const MAX_LOOKS = 70
const LOOK_PAUSE_MS = 500

/** Most payments that a chain is asked about at once. */
const MAX_ASKED = 32

/** A payment that takes its tokens through an allowance: which token of whom, how much, and what Permit2 will remember it by. */
export type SponsoredPayment = Place & {
  readonly amount: Permit2Terms['amount']
  readonly nonce: bigint
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** What is sent beside a payment. */
export type Sponsored = { readonly extensions: Record<string, unknown>; readonly allowances: readonly TokenAllowance[] }

/** Who signs an allowance. */
export type Sponsor = {
  readonly payer: EvmPayer
  /** `undefined` when the key isn't at hand. */
  readonly approve: ApprovalSigner | undefined
  /** When the payment dies, and a permit with it. */
  readonly deadline: bigint
}

/**
 * Asks the chain whether a payment through Permit2 needs an allowance signed with it.
 *
 * An allowance replaces the one before, and two that are signed at once have one number, of which the chain takes one. So one is signed
 * only once the payments before it are settled, or had half a minute for it; and none is relied on that another payment will use up.
 *
 * @param offered - What may be signed.
 * @returns What the chain says, where an allowance is missing. `undefined` when there is allowance enough, or when no source answers: a chain
 *   that can't be asked is no reason to sign. Others wait for a payment that was told so, until the chain has it or {@link giveUp}.
 * @throws {@link X402Error} `ALLOWANCE_REQUIRED` when other payments of the account are before it for too long; the signal's reason.
 */
export async function findMissing(
  setup: Pick<EvmSetup, 'remembered'>,
  payment: SponsoredPayment,
  offered: readonly TokenAllowance[],
): Promise<AllowanceState | undefined> {
  const { clock, signal } = payment
  if (isRemembered(setup, payment)) return relyOn(payment, undefined)
  // An approval has the next number of the account, whatever the token.
  const shared = offered.find(({ by }) => by !== EIP2612_SPONSORING)?.by
  let state: AllowanceState | undefined
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    if (signal?.aborted) throw signal.reason
    const changes = countChanges()
    const before = listReliances(payment, clock.monotonicMs(), shared).slice(0, MAX_ASKED)
    const question = { ...payment, payments: before.map(({ nonce }) => nonce) }
    const read = await readAllowanceState(payment.sources, question).catch(() => undefined)
    if (read === undefined) return undefined
    state = read
    for (const { owner, nonce } of before.filter((_one, index) => read.isUsed[index] === true)) end(owner, nonce.nonce)
    // What was read may be older than what has happened meanwhile.
    if (hasChangedSince(changes, payment, shared)) continue
    // What a chain doesn't tell is no reason to wait.
    const ahead = before.filter((_one, index) => read.isUsed[index] === false)
    if (isEnough(setup, payment, read, ahead)) return relyOn(payment, undefined)
    if (ahead.length === 0) {
      relyOn(payment, shared ?? EIP2612_SPONSORING)
      setup.remembered.delete(toKey(payment))
      return read
    }
    await pause(clock, signal)
  }
  throw createMissing(payment, state, [IN_USE])
}

const IN_USE = 'other payments of this account wait for an allowance too, and the chain takes one at a time'

/**
 * Signs the allowance that is missing.
 *
 * @throws {@link X402Error} `ALLOWANCE_REQUIRED` when it can't be signed: nothing was signed, or what was is dropped.
 */
export async function signAllowance(
  signers: Sponsor,
  terms: Permit2Terms,
  missing: AllowanceState,
  offered: readonly TokenAllowance[],
): Promise<Sponsored> {
  const reasons: string[] = []
  let isDropped = false
  for (const allowance of offered) {
    const isPermit = allowance.by === EIP2612_SPONSORING
    const signed = isPermit
      ? await signPermit(signers.payer, terms, missing, signers.deadline)
      : await signApproval(signers, terms, missing, BigInt(allowance.amount))
    if ('info' in signed) return { extensions: { [allowance.by]: { info: signed.info } }, allowances: [allowance] }
    reasons.push(signed.problem)
    isDropped ||= 'isSigned' in signed
  }
  throw createMissing(terms, missing, reasons, isDropped)
}

/** Tells that a payment won't leave, so that no other waits for it. */
export function giveUp({ owner, nonce }: Pick<SponsoredPayment, 'owner' | 'nonce'>): void {
  end(owner, nonce)
}

/** Tells that a payment is signed, so that the next one waits for the chain from now on. */
export function letLeave({ owner, nonce, clock }: Pick<SponsoredPayment, 'owner' | 'nonce' | 'clock'>): void {
  leave(owner, nonce, clock.monotonicMs())
}

function relyOn(payment: SponsoredPayment, by: string | undefined): undefined {
  const { owner, chainId, asset, sources, clock } = payment
  const nonce = toPermit2Nonce(owner, payment.nonce)
  rely({ owner, chainId, asset, sources, nonce, amount: BigInt(payment.amount), by, sinceMs: clock.monotonicMs() })
}

function isRemembered({ remembered }: Pick<EvmSetup, 'remembered'>, payment: SponsoredPayment): boolean {
  const { clock } = payment
  const key = toKey(payment)
  const known = remembered.get(key)
  const amount = BigInt(payment.amount)
  if (known === undefined || known.untilSeconds <= clock.nowSeconds() || known.amount < amount) return false
  if (listReliances(payment, clock.monotonicMs()).some(({ by }) => by !== undefined)) return false
  remembered.set(key, { ...known, amount: known.amount - amount })
  return true
}

/** Whether what is allowed is enough for this payment and for those before it, none of which replaces it. */
function isEnough(
  { remembered }: Pick<EvmSetup, 'remembered'>,
  payment: SponsoredPayment,
  { allowance }: AllowanceState,
  ahead: readonly Reliance[],
): boolean {
  const own = ahead.filter(({ asset }) => asset === payment.asset)
  const left = own.reduce((sum, { amount }) => sum - amount, allowance - BigInt(payment.amount))
  if (left < 0n || own.some(({ by }) => by !== undefined)) return false
  remembered.set(toKey(payment), { amount: left, untilSeconds: payment.clock.nowSeconds() + RELY_SECONDS })
  return true
}

async function pause(clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (clock.wait !== undefined) return clock.wait(LOOK_PAUSE_MS, signal)
  await new Promise<void>((resolve) => setTimeout(resolve, LOOK_PAUSE_MS))
}

function toKey({ chainId, asset }: Pick<Place, 'chainId' | 'asset'>): string {
  return `${chainId}/${asset}`
}

function createMissing(
  { chainId, asset, amount }: Pick<Permit2Terms, 'chainId' | 'asset' | 'amount'>,
  state: AllowanceState | undefined,
  reasons: readonly string[],
  isDropped = false,
): X402Error {
  const none = 'the seller takes no allowance that this signer can sign on terms of its own'
  return fail(ALLOWANCE_REQUIRED, {
    money: isDropped ? 'released' : 'untouched',
    facts: {
      network: `eip155:${chainId}`,
      token: asset,
      spender: PERMIT2,
      needed: `${amount} units`,
      allowed: state && `${state.allowance} units`,
      because: reasons.length > 0 ? reasons.join('; ') : none,
    },
  })
}
