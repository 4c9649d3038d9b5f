import { isPromise } from '../../payment/digest.js'
import { loadPart } from '../../payment/part.js'
import type { HookRunner, Ports } from '../../payment/ports.js'
import type { Authorized, Challenge, Selected, Signed } from '../../payment/steps.js'
import { authorize, type Earlier, type InTheWay, isReserved, toPaidTerms } from '../authorize.js'
import { AT_ONCE_MS, countLate } from '../late-signature.js'
import { releaseUnsent } from '../note.js'
import { select } from '../select.js'
import { sign } from '../sign.js'
import { assertOwnResource } from '../trust.js'

/** A reserved offer, which may be signed, and the hooks that are shown it. */
export type ReservedOffer = { readonly authorized: Authorized; readonly hooks: HookRunner | undefined }

/** What else there is to say about an offer that was selected: it may have more people asked, and it throws what refuses. */
export type JudgeSelected = (selected: Selected) => Selected

/** How many times offers are judged again since someone replaced the limits. */
const MAX_JUDGED = 5

/**
 * Selects an offer, asks the hooks and everyone who approves, checks the limits, and reserves.
 *
 * @param judge - Asked of each offer that is selected: when the limits were replaced, or a wallet is empty by now, that may be another one.
 * @returns The reserved offer; {@link InTheWay} when a payment of the same purchase has become open in the meantime.
 * @throws The error of the step that refused; nothing was signed.
 */
export async function reserveOffer(
  challenge: Challenge,
  earlier: Earlier,
  ports: Ports,
  { turns = 1, judge }: { readonly turns?: number; readonly judge?: JudgeSelected | undefined } = {},
): Promise<ReservedOffer | InTheWay> {
  const { call, envelope } = challenge
  const { emit } = ports
  emit('challenge', () => ({
    resource: call.resource,
    x402Version: envelope.x402Version,
    offers: envelope.accepts.length,
  }))
  const selecting = select(challenge, ports)
  const taken = isPromise(selecting) ? await selecting : selecting
  const selected = judge === undefined ? taken : judge(taken)
  emit('considered', () => ({
    resource: call.resource,
    terms: toPaidTerms(selected),
    considered: selected.considered(),
  }))
  assertOwnResource(selected, ports)
  const loading = ports.loadHooks(selected.registration.scheme)
  const hooks = loading && (await loading)
  if (hooks !== undefined) await hooks.announceSelected(selected)
  const authorized = await authorize(selected, earlier, ports)
  if (isReserved(authorized)) return { authorized, hooks }
  if (typeof authorized === 'object') return authorized
  if (turns < MAX_JUDGED) return reserveOffer(challenge, earlier, ports, { turns: turns + 1, judge })
  const { createReplacedError } = await loadPart(import('../limit-errors.js'))
  throw createReplacedError(selected, 'often')
}

/**
 * Signs, and releases what was reserved if that fails.
 *
 * @throws {@link SigningError}; nothing left the process.
 */
export async function signOrRelease(
  authorized: Authorized,
  hooks: HookRunner | undefined,
  ports: Ports,
): Promise<Signed> {
  const { clock } = ports
  const reservedSeconds = clock.nowSeconds()
  const reservedMs = clock.monotonicMs()
  let { payment } = authorized
  try {
    let signed = await sign(authorized, hooks, ports)
    const seconds = clock.nowSeconds() - reservedSeconds
    if (seconds > 0) {
      signed = await countLate(signed, authorized.selected, seconds, ports)
      payment = signed.payment
    }
    if (hooks !== undefined) await hooks.announceCreated(authorized.selected, signed)
    const milliseconds = clock.monotonicMs() - reservedMs
    if (milliseconds >= AT_ONCE_MS) {
      await (await loadPart(import('../limit-errors.js'))).assertThawed(authorized.selected, ports)
    }
    ports.emit('signed', () => ({ payment: payment.id, validUntilSeconds: signed.signature?.validUntilSeconds }))
    return signed
  } catch (error) {
    await releaseUnsent({ payment, signature: undefined }, ports)
    throw error
  }
}
