import { PaymentRejectedError, type PaymentRejectedErrorCode } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { Envelope } from '../wire/challenge.js'
import { freezeCopy } from '../wire/json.js'
import { classifyReason, type ReasonKind } from '../wire/reasons.js'
import { decodeReceipt, RECEIPT_HEADERS, readTransaction, type SettleResponse } from '../wire/receipt.js'
import { cite } from '../wire/seller-text.js'
import { readV1Network } from '../wire/v1-networks.js'
import { decodeChallenge } from './decode-challenge.js'
import { describeSkew } from './describe-skew.js'
import { noteOutcome, toSentState } from './note-outcome.js'
import { type Payment, toPaidTerms } from './payment.js'
import type { Answer, Delivery, Ports, Receipt } from './ports.js'
import { assertDelivered, type Call, type Delivered, type Signed } from './steps.js'

/** What came of a paid request: the payment, and the new 402 when the seller answered with one. */
export type Outcome = {
  readonly payment: Payment
  readonly rejection: PaymentRejectedError | undefined
  /** The seller's word on why it didn't deliver. */
  readonly said: string | undefined
  /** The 402 that answered the payment, where it asks for another. */
  readonly asked: Envelope | undefined
}

/** 4xx that blame nobody's request: the same may succeed a moment later. */
const NOT_NOW = new Set([402, 408, 425, 429])

/** What says that the same may succeed later, whatever the status. The second is what SDKs of AI providers obey. */
const RETRY_HEADERS = ['retry-after', 'retry-after-ms']

/**
 * Judges the answer to a paid request and writes the outcome down.
 *
 * A paid answer is never thrown away (R7): whatever is wrong with its receipt is reported beside it.
 */
export async function readReceipt(delivered: Delivered, ports: Ports): Promise<Outcome> {
  const { signed, answer } = delivered
  assertDelivered(delivered)
  const receipt = judgeReceipt(answer, signed)
  const isSettled = receipt.state === 'verified' || signed.state === 'settled'
  const asked = await readNewChallenge(answer, receipt)
  const reason = readReason(receipt, asked, signed.call)
  const isRejected = isRejection(answer, reason)
  const delivery = isRejected ? 'lost' : toDelivery(answer, receipt, signed.call)
  const said = isRejected ? reason : undefined
  const transaction = receipt.response && readTransaction(receipt.response)
  const facts = { delivery, transaction, sellerSaid: said, status: answer.status }
  await noteOutcome(signed, isSettled ? 'settled' : toSentState(signed), facts, ports)
  const money = isSettled ? 'settled' : 'in-doubt'
  ports.emit('answered', () => ({ payment: signed.id, status: answer.status }))
  if (isSettled) ports.emit('settled', () => ({ payment: signed.id, transaction }))
  else
    ports.emit('in-doubt', () => ({
      payment: signed.id,
      because: said === undefined ? describeDoubt(receipt) : `the seller says ${cite(said)}`,
    }))
  const rejection = isRejected ? createRejection(delivered, money, said, ports) : undefined
  return {
    payment: toPayment(signed, { money, delivery, receipt, transaction, error: rejection }),
    rejection,
    said,
    asked,
  }
}

/** What a response to a payment means for what was bought. A receipt changes where the money is, and not this; only a 202 needs one. */
function toDelivery({ status, header }: Answer, { state }: Receipt, { delivers }: Call): Delivery {
  if (delivers.includes(status)) return 'delivered'
  // "Accepted" without a good receipt promises an answer, and is none.
  if (status === 202) return state === 'verified' || state === 'accepted' ? 'delivered' : 'lost'
  if (status >= 200 && status < 400) return 'delivered'
  const isLater = NOT_NOW.has(status) || RETRY_HEADERS.some((name) => (header(name) ?? '') !== '')
  return status >= 400 && status < 500 && !isLater ? 'answered' : 'lost'
}

function describeDoubt({ state }: Receipt): string {
  return state === 'accepted' ? 'the receipt names no transaction yet' : `the receipt is ${state}`
}

/** What a receipt is compared with. */
type Judged = Pick<Signed, 'presentation' | 'payer'>

/** Compares a receipt with what was signed. Pure, so that every judgement is a test without a server. */
export function judgeReceipt(answer: Pick<Answer, 'header'>, signed: Judged): Receipt {
  const header = RECEIPT_HEADERS.map((name) => answer.header(name)).find((value) => value !== null && value !== '')
  if (header === undefined || header === null) return { state: 'missing', response: undefined, problems: [] }
  const decoded = decodeReceipt(header)
  if ('problem' in decoded) return { state: 'malformed', response: undefined, problems: [decoded.problem] }
  const response = freezeCopy(decoded.value)
  if (!response.success) return { state: 'failed', response, problems: [] }
  const problems = compareWithTerms(response, signed)
  if (problems.length > 0) return { state: 'mismatch', response, problems }
  return { state: response.transaction === '' ? 'accepted' : 'verified', response, problems }
}

function compareWithTerms(response: SettleResponse, { presentation, payer }: Judged): string[] {
  const { network, amount } = presentation.requirements
  const isMore = response.amount !== undefined && !isCharge(response.amount, BigInt(amount))
  const isOtherPayer =
    response.payer !== undefined && payer !== undefined && response.payer.toLowerCase() !== payer.toLowerCase()
  return [
    readV1Network(response.network) !== network && `the receipt names another network than ${network}`,
    isMore && `the receipt names an amount that is none up to ${amount}`,
    isOtherPayer && 'the receipt names another payer',
    response.transaction !== '' && readTransaction(response) === undefined && 'its transaction is no id of any chain',
  ].filter((problem) => problem !== false)
}

/** Some sellers leave the amount empty where it is the one that was signed. */
function isCharge(amount: string, signed: bigint): boolean {
  return amount === '' || (/^[0-9]{1,78}$/.test(amount) && BigInt(amount) <= signed)
}

/** Another 402; or the 412 of official sellers, told from an application's own by its reason. */
function isRejection({ status }: Answer, reason: string | undefined): boolean {
  return status === 402 || (status === 412 && classifyReason(reason) === 'allowance')
}

/** The seller's reason, from its receipt or from its new 402. */
function readReason({ response }: Receipt, asked: Envelope | undefined, { quote }: Call): string | undefined {
  return quote(response?.errorReason) ?? quote(asked?.error)
}

/**
 * The 402 that answered a payment, or the 412 that says the same. A body is waited for only where no receipt says why, since it may trickle,
 * and never that of a 412, which applications answer, too.
 */
async function readNewChallenge(answer: Answer, { response }: Receipt): Promise<Envelope | undefined> {
  if (answer.status !== 402 && answer.status !== 412) return undefined
  const isExplained = answer.status === 412 || (response?.errorReason ?? '') !== ''
  const decoded = await decodeChallenge(answer, async (maxBytes) =>
    isExplained ? undefined : answer.readBody?.(maxBytes),
  )
  return decoded !== undefined && 'value' in decoded ? decoded.value : undefined
}

const UNALLOWED = 'The seller can’t take the payment: the payer has not allowed the tokens to be moved.'
const SPENT = 'The seller says that this payment was taken already, and does not deliver what it paid for.'

const HINTS: Partial<Record<ReasonKind, string>> & { unknown: string } = {
  'already-spent': 'Ask the seller for what was paid; `client.forget(id)` allows buying it anew.',
  pending: 'Call again: the same payment is presented, never a second one.',
  allowance:
    'Allow it once, as docs/guides/evm.md#allowances shows, and call again: the same payment is presented. It stays counted.',
  'short-of-money': 'Fund the wallet; the authorization stays counted, since it can still be spent.',
  clock: 'Set the clock of this machine, or tell the seller that its clock is off; the authorization stays counted.',
  'undeployed-wallet':
    'The wallet is a contract that is not deployed yet, and whoever settles won’t deploy it: deploy it, which its first transaction does, and pay anew. The authorization stays counted.',
  unknown:
    'The authorization left this process and stays counted: the seller’s word does not prove that it is unspent.',
}

type Rejection = { readonly message: string; readonly code: PaymentRejectedErrorCode }

const REJECTIONS: Partial<Record<ReasonKind, Rejection>> & { unknown: Rejection } = {
  'already-spent': { message: SPENT, code: 'PAID_NOT_DELIVERED' },
  allowance: { message: UNALLOWED, code: 'ALLOWANCE_REQUIRED' },
  unknown: { message: 'The seller answered the payment with another 402.', code: 'PAYMENT_REJECTED' },
}

function createRejection(
  { signed, answer }: Delivered,
  money: MoneyState,
  said: string | undefined,
  ports: Ports,
): PaymentRejectedError {
  const kind = classifyReason(said)
  const { message, code } = REJECTIONS[kind] ?? REJECTIONS.unknown
  return new PaymentRejectedError(message, {
    code,
    money,
    facts: {
      resource: signed.call.resource,
      network: cite(signed.presentation.requirements.network),
      payment: signed.id,
      'answered before':
        kind === 'already-spent' && signed.answeredBefore !== undefined ? String(signed.answeredBefore) : undefined,
      ...(kind === 'allowance' && toMissingAllowance(signed, ports)),
      'seller says': said && cite(said),
      'our clock': kind === 'already-spent' ? undefined : describeSkew(answer, ports),
    },
    hint: HINTS[kind] ?? HINTS.unknown,
    response: answer.native,
  })
}

/** What has to be allowed: which token, to whom, how much. */
function toMissingAllowance(signed: Signed, ports: Ports): Record<string, string | undefined> {
  const { asset, amount } = signed.presentation.requirements
  return { token: cite(asset), spender: findSpender(signed, ports), needed: `${amount} units` }
}

/** A scheme that can't read its payload back knows no spender. */
function findSpender({ presentation, payer }: Signed, { schemes, clock }: Ports): string | undefined {
  const { requirements, payload } = presentation
  const { scheme, network } = requirements
  const registration = schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })
  try {
    return registration?.scheme.describe?.(payload.payload, requirements, clock.nowSeconds())?.spender
  } catch {
    return undefined // the error tells the rest
  }
}

type PaymentFacts = Omit<Payment, 'id' | 'terms'>

function toPayment({ id, call, presentation, payer }: Signed, facts: PaymentFacts): Payment {
  return { id, ...facts, terms: toPaidTerms(call.resource, presentation.requirements, payer) }
}
