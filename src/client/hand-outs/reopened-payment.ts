import { TERMS_NOT_DECODED } from '../../errors/catalogue/configuration.js'
import { LEDGER_UNAVAILABLE_TO_PRESENT } from '../../errors/catalogue/delivery.js'
import { CANNOT_REOPEN, PAYMENT_NOT_KEPT, UNDER_WAY_ELSEWHERE } from '../../errors/catalogue/earlier-payment.js'
import { fail } from '../../errors/fail.js'
import { assertOptions, invalidOption } from '../../errors/options.js'
import type { MoneyState } from '../../errors/x402-error.js'
import { toAsker } from '../../flow/authorize.js'
import { endClaim, type Known, LOOK_AGAIN } from '../../flow/earlier/claimed.js'
import { resumeFound } from '../../flow/earlier/resume-found.js'
import { loadDrainedError } from '../../flow/flight/drained.js'
import { catchUp, noteOutcome, rememberClaim } from '../../flow/note.js'
import { noteSent } from '../../flow/present.js'
import { type Call, createCall } from '../../payment/call.js'
import { moneyOf, type Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import type { Claim, Claimant } from '../../payment/purchase.js'
import { isLabel, readName } from '../../payment/purchase-name.js'
import type { Signed } from '../../payment/steps.js'
import { isSameAddress } from '../../wire/address.js'
import { readOrigin } from '../../wire/host.js'
import { type CreatePaymentPayloadOptions, isFirstTold, letGo } from './handed-payload.js'

/** How a payment is opened again that was begun before. Options can only tighten what the client allows. */
export type ReopenOptions = Pick<CreatePaymentPayloadOptions, 'max' | 'approve' | 'signal'> & {
  /**
   * The address that it goes to, to make sure: another origin than the one that asked is refused.
   *
   * @default the one that asked
   * @example { url: 'wss://api.example.com/reports' }
   */
  url?: string | undefined
}

/**
 * Opens a payment again that was begun before, by this process or another one: it's presented once more, under the limits, approvals and freeze
 * that hold for that. Nothing new is signed.
 *
 * @param id - From the payment that was begun, or from a list or an error.
 * @throws {@link ConfigurationError} `CANNOT_REOPEN`, `PAYMENT_NOT_KEPT`, `INVALID_OPTION` for what is no id; {@link DeliveryError} or {@link PaymentRejectedError} when it can't be
 * presented now; {@link LimitError}. The payment stays as it is, and `money` says where its money is.
 */
export async function reopenPayment(id: string, options: ReopenOptions, ports: Ports): Promise<Signed> {
  assertOptions(options, 'begin', ['url', 'max', 'approve', 'signal'])
  await ports.schemes.prepare?.()
  const payment = await findOwn(id, ports)
  assertReopenable(payment, options.url, ports)
  const call = toCall(payment, options, ports)
  if (ports.underWay.isDraining) throw await loadDrainedError(call)
  ports.underWay.count(1)
  try {
    return await reopenCall(payment, call, ports)
  } finally {
    ports.underWay.count(-1)
  }
}

async function reopenCall(payment: Payment, call: Call, ports: Ports): Promise<Signed> {
  if (payment.delivery === 'none') {
    // What a call of a wrapper waits for is that call's; what was handed out here is let go of, and not sent by two at a time.
    if (!isFirstTold(payment, ports)) throw createUnderWay(payment)
    await noteOutcome(payment, { type: 'lost' }, ports)
  }
  return letGo(await noteSent(await claimOne(payment, call, ports), ports), ports)
}

/** Longest text that is taken for an id, in characters: ids of pay402 have 32, and terms in a header hundreds. */
const MAX_ID = 100

/** A restricted client knows its own payments alone, and those of others that it presented. */
async function findOwn(id: string, { ledger, label, presented }: Ports): Promise<Payment> {
  if (id.length > MAX_ID) throw fail(TERMS_NOT_DECODED)
  if (id === '') throw invalidOption('begin', 'the id of a payment, or the terms of a 402')
  const isPresented = label !== undefined && presented.get(id)?.call.tags.includes(label)
  let isDropped: boolean | undefined
  try {
    for await (const payment of ledger.list({ tag: isPresented ? undefined : label })) {
      if (payment.id === id) return payment
    }
    isDropped = label === undefined && (await ledger.isDropped?.(id))
  } catch (cause) {
    throw createUnavailable(id, cause, 'in-doubt')
  }
  if (isDropped) throw fail(PAYMENT_NOT_KEPT, { words: { payment: id } })
  throw createRefusal(id, 'this client made no such payment', 'untouched')
}

function assertReopenable(payment: Payment, url: string | undefined, ports: Ports): void {
  const refused = findEnd(payment) ?? findOther(payment, url, ports)
  if (refused !== undefined) throw createRefusal(payment.id, refused, moneyOf(payment))
}

/** Why no one presents it. */
function findEnd({ state, delivery, forgotten }: Payment): string | undefined {
  if (state === 'reserved') return "it isn't signed yet, so that nothing of it left"
  if (state === 'released') return RELEASED
  if (delivery === 'delivered') return 'what it bought was delivered'
  return forgotten ? 'its purchase was given up, or is bought again' : undefined
}

const RELEASED = 'it was released, and can never be spent'

/** Why this client doesn't present it. */
function findOther(
  { payer, call }: Payment,
  url: string | undefined,
  { schemes, purchases }: Ports,
): string | undefined {
  if (readName(call.tags) !== purchases.space) return 'it was made under another name, or under none'
  const isPayable = payer === undefined || schemes.payers().some((one) => isSameAddress(one, payer))
  if (!isPayable) return 'it was paid from an account that this client has no scheme for'
  return url !== undefined && readOrigin(url) !== call.origin ? 'another origin asked for it' : undefined
}

/** The call that made it, as far as the ledger keeps it: without the query of its address, and under its own names. */
function toCall(payment: Payment, { signal, ...tighter }: ReopenOptions, ports: Ports): Call {
  const { method, resource, origin, tags, purchase, coarse, isKeyed, asked } = payment.call
  const { url: _url, ...options } = tighter
  const call = createCall({
    method,
    url: origin === '' ? undefined : resource.slice(method.length + 1),
    signal,
    options: { ...options, tags: tags.filter((tag) => !isLabel(tag)) },
    limits: ports.limitsFor(options),
    purchases: ports.purchases,
  })
  return {
    ...call,
    asked: () => asked ?? call.asked(),
    key: isKeyed ? payment.id : undefined,
    purchaseForSeconds: payment.call.purchaseForSeconds,
    names: () => ({ purchase, coarse }),
  }
}

/** Claims this one payment, asks everyone who approves, and claims it once more after that. */
async function claimOne(payment: Payment, call: Call, ports: Ports): Promise<Signed> {
  const known: Known = { agreed: new Set(), past: [] }
  while (true) {
    const { claim, claimant } = await claimAmongOthers(payment, ports)
    const resumed = await resumeFound({ claim, claimant, isLastLook: true, known }, call, undefined, ports)
    if (resumed === LOOK_AGAIN) continue
    if (resumed?.signed === undefined) throw createRefusal(payment.id, RELEASED, 'released')
    return resumed.signed
  }
}

/** Others of the same purchase may be open, too: they are let go of, and not looked at again. */
async function claimAmongOthers(payment: Payment, ports: Ports) {
  const { purchase, coarse, isKeyed } = payment.call
  const others: Payment[] = []
  while (true) {
    const claimant = { purchase, coarse, isKeyed, ...toAsker(ports, { payments: others, isPerhaps: true }) }
    const claim = await claimFirst(claimant, payment, ports)
    if (claim.is === 'nothing') throw createRefusal(payment.id, 'its purchase is over', moneyOf(payment))
    const { id } = claim.payment
    if (id === payment.id && claim.is === 'yours') return { claim, claimant }
    if (claim.is === 'yours') await endClaim(claim.payment, ports)
    // Of a key that is being paid for, there is nothing else to see.
    if (id === payment.id || others.some((one) => one.id === id)) throw createUnderWay(payment)
    others.push(claim.payment)
  }
}

async function claimFirst(claimant: Claimant, payment: Payment, ports: Ports): Promise<Claim> {
  const unavailable = (cause: unknown) => createUnavailable(payment.id, cause, moneyOf(payment))
  await catchUp(claimant, ports)?.catch((cause: unknown) => Promise.reject(unavailable(cause)))
  try {
    return await ports.ledger.claim(claimant)
  } catch (cause) {
    rememberClaim(claimant, ports) // a step that failed may have happened
    throw unavailable(cause)
  }
}

function createRefusal(payment: string, why: string, money: MoneyState): Error {
  return fail(CANNOT_REOPEN, { money, words: { payment, why } })
}

function createUnderWay(payment: Payment): Error {
  const { id, call } = payment
  return fail(UNDER_WAY_ELSEWHERE, { money: moneyOf(payment), facts: { resource: call.resource, payment: id } })
}

function createUnavailable(payment: string, cause: unknown, money: MoneyState): Error {
  return fail(LEDGER_UNAVAILABLE_TO_PRESENT, { money, facts: { payment }, cause })
}
