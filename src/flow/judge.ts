import type { Outcome } from '../payment/event.js'
import type { PaidResponse } from '../payment/exchange.js'
import type { Delivery } from '../payment/payment.js'
import type { Receipt } from '../payment/ports.js'
import type { Signed } from '../payment/steps.js'
import type { Envelope } from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'
import { classifyReason, type ReasonKind } from '../wire/reasons.js'
import { readTransaction, type SettleResponse } from '../wire/receipt.js'
import { readV1Network } from '../wire/v1-networks.js'

/** What a response to a payment turned out to be. */
export type Judgement = {
  readonly receipt: Receipt
  /** A receipt that fits the terms says that the payment was taken. */
  readonly isSettled: boolean
  readonly delivery: Exclude<Delivery, 'none'>
  /** The seller asks for a payment again, or says that it can't take this one. */
  readonly isRejected: boolean
  /** The seller's reason for not delivering, in its own words. */
  readonly said: string | undefined
  /** What that reason means. */
  readonly reason: ReasonKind
  /** The transaction that the seller names. */
  readonly transaction: string | undefined
}

/** What a receipt is compared with. */
export type ReceiptTerms = Pick<Signed, 'payer'> & { readonly payment: Pick<Signed['payment'], 'terms'> }

/**
 * Judges a response to a payment. Pure, so that every judgement is a test without a server.
 *
 * @param response - What came back.
 * @param asked - The terms that it asks for, when it is another 402.
 * @param signed - The payment that was sent.
 */
export function judge(response: PaidResponse, asked: Envelope | undefined, signed: Signed): Judgement {
  const receipt = judgeReceipt(response.receipt, signed)
  const words = signed.call.cite(receipt.response?.errorReason) ?? signed.call.cite(asked?.error)
  const reason = classifyReason(words)
  const isRejected = response.isChallenge || (response.mayLackAllowance && reason === 'allowance')
  return {
    receipt,
    isSettled: receipt.state === 'verified',
    delivery: isRejected ? 'lost' : toDelivery(response, receipt),
    isRejected,
    said: isRejected ? words : undefined,
    reason: isRejected ? reason : 'unknown',
    transaction: receipt.response && readTransaction(receipt.response),
  }
}

/** What a ledger is told about a response. */
export function toOutcome({ delivery, said, transaction, isSettled }: Judgement, { status }: PaidResponse): Outcome {
  return { type: delivery, status, said, transaction, isSettled }
}

/** A receipt changes where the money is, not what was delivered; only a response that merely promises something needs one. */
function toDelivery({ meaning }: PaidResponse, receipt: Receipt): Judgement['delivery'] {
  if (meaning !== 'accepted') return meaning
  return isGood(receipt) ? 'delivered' : 'lost'
}

/** Whether a receipt says success and fits the terms. */
export function isGood({ state }: Receipt): boolean {
  return state === 'verified' || state === 'accepted'
}

const NO_RECEIPT: Receipt = /* @__PURE__ */ Object.freeze({
  state: 'missing',
  response: undefined,
  problems: /* @__PURE__ */ Object.freeze([]),
})

/** Compares a receipt with what was signed. */
export function judgeReceipt(decoded: Decoded<SettleResponse> | undefined, signed: ReceiptTerms): Receipt {
  if (decoded === undefined) return NO_RECEIPT
  if ('problem' in decoded) return { state: 'malformed', response: undefined, problems: [decoded.problem] }
  const response = decoded.value
  if (!response.success) return { state: 'failed', response, problems: [] }
  const problems = compareWithTerms(response, signed)
  if (problems.length > 0) return { state: 'mismatch', response, problems }
  return { state: response.transaction === '' ? 'accepted' : 'verified', response, problems }
}

function compareWithTerms(response: SettleResponse, { payment, payer }: ReceiptTerms): string[] {
  const { network, amount } = payment.terms
  const problems: string[] = []
  if (response.network !== network && readV1Network(response.network) !== network)
    problems.push(`the receipt names another network than ${network}`)
  if (response.amount !== undefined && !isCharge(response.amount, amount))
    problems.push(`the receipt names an amount that is none up to ${amount}`)
  if (response.payer !== undefined && payer !== undefined && !isSameAccount(response.payer, payer))
    problems.push('the receipt names another payer')
  if (response.transaction !== '' && readTransaction(response) === undefined)
    problems.push('its transaction is no id of any chain')
  return problems
}

/** Whatever the case: sellers write hex in either, and accounts of no chain differ by case alone. */
function isSameAccount(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}

/** Some sellers leave the amount empty when it is the one that was signed. */
function isCharge(amount: string, signed: bigint): boolean {
  return amount === '' || (/^[0-9]{1,78}$/.test(amount) && BigInt(amount) <= signed)
}
