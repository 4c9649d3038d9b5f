import { DeliveryError } from '../errors/step-errors.js'
import type { Claim, Claimant } from '../payment/purchase.js'
import { endClaim, type Resumed, toSigned } from './claimed-payment.js'
import { createAbortError } from './create-abort-error.js'
import type { Ports } from './ports.js'
import type { Call, Challenge, Signed } from './steps.js'

/** How often a payment is looked at again that another call is presenting, and how long is waited between, in milliseconds: five seconds. */
const MAX_LOOKS = 50
const LOOK_PAUSE_MS = 100

/**
 * Finds the payment of this purchase that left and brought no delivery, so that the **same** payload is presented again.
 *
 * Presenting is spending: the limits that don't depend on what was spent before are asked, and so is whoever approves. What they refuse stays
 * open.
 *
 * @param call - What is bought.
 * @param challenge - The 402 that asks now; `undefined` when it can't be read, which doesn't matter where a payment waits.
 * @returns The payment to present, or that a new one may be made.
 * @throws {@link DeliveryError} or {@link PaymentRejectedError} when one was made that can neither be presented again nor proven unspent, when
 * one like it is somebody else's, when another call presents it, or when the ledger can't say whether one was; this call signed nothing.
 */
export async function resume(call: Call, challenge: Challenge | undefined, ports: Ports): Promise<Resumed> {
  for (let looks = 1; ; looks++) {
    const claimant = await toClaimant(call, ports)
    const claim = await claimOpen(claimant, call, ports)
    if (claim.is === 'nothing') return { signed: undefined, earlier: claim.over, isPerhaps: false }
    const { resumeFound } = await loadRest(claim, ports)
    const resumed = await resumeFound({ claim, claimant, isLastLook: looks === MAX_LOOKS }, call, challenge, ports)
    if (resumed !== undefined) return resumed
    await ports.wait(LOOK_PAUSE_MS, call.signal)
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
  }
}

/** Most purchases have nothing open, so what follows is loaded when one has. */
async function loadRest(claim: Claim, ports: Ports): Promise<typeof import('./resume-found.js')> {
  try {
    return await import('./resume-found.js')
  } catch (error) {
    if (claim.is === 'yours') await endClaim(claim.record, ports)
    throw error
  }
}

/**
 * Takes a payment again that this very call has presented, to send it once more: nobody is asked, since it was just approved.
 *
 * @returns `undefined` when it is no longer this call's to send.
 */
export async function takeAgain(signed: Signed, ports: Ports): Promise<Signed | undefined> {
  const { call } = signed
  const claimant = await toClaimant(call, ports)
  const claim = await claimOpen(claimant, call, ports)
  if (claim.is !== 'yours') return undefined
  if (claim.record.id === signed.id && claim.record.presentation !== undefined)
    return toSigned(claim.record, call, claimant.purchase)
  await endClaim(claim.record, ports)
  return undefined
}

/** Who asks, for `claim` and for `reserve`. */
export async function toClaimant(call: Call, ports: Ports): Promise<Claimant> {
  const { exact, coarse } = await call.names()
  return {
    purchase: exact,
    coarse,
    isKeyed: call.key !== undefined,
    payers: ports.schemes.payers(),
    nowSeconds: ports.clock.nowSeconds(),
    buysOver: ports.resign === 'when-over',
  }
}

/** What can't be looked up may wait to be presented again: then nothing new is signed. */
async function claimOpen(claimant: Claimant, call: Call, ports: Ports): Promise<Claim> {
  try {
    return await ports.ledger.claim(claimant)
  } catch (cause) {
    throw new DeliveryError('Refused to pay: the ledger could not say whether this was paid already.', {
      code: 'LEDGER_UNAVAILABLE',
      money: 'untouched',
      facts: { resource: call.resource },
      hint: 'See the cause; nothing is signed while the ledger can’t be read.',
      cause,
    })
  }
}
