import { SelectionError } from './step-errors.js'
import { isX402Error, type X402Error } from './x402-error.js'

const AGAIN = 'Try again: the same payment is sent, so you are not charged twice.'
const TELL_PAGE = 'Tell the people who run this page.'
const SHORT = 'Your wallet holds too little for this. Add money to it, then try again.'
const SHORT_AND_SENT =
  'The seller says that your wallet holds too little. Add money to it, then try again; you are not charged twice.'

/** Codes that refuse because of an earlier payment or another one, which isn't part of their `money`. */
const BESIDES_ANOTHER = ['ALREADY_BOUGHT', 'PAID_PERHAPS', 'PURCHASE_KEY_REUSED', 'PURCHASE_UNDER_WAY']

/** A price in a token, as the facts of a limit's error have it. */
const PRICE = /^(\d+(?:\.\d+)?) \S+$/

/** What a limit in dollars allows. It holds only tokens that are a dollar each, so their amount is one in dollars. */
const DOLLARS = /^\$\d+(?:\.\d+)?$/

/** Of the seller's reasons, those that mean: the wallet holds too little. */
const SHORT_OF_MONEY = /(^|["_])insufficient_(funds|balance)"?$/

/**
 * Says in plain words what went wrong, what to do, and at the end where the money is: for the person in front of a page or an app.
 *
 * The text never holds a code, an address, or the seller's words, and has at most 40 words. An error that isn't pay402's, such as a
 * failed `fetch`, doesn't know about money: a paid call throws one only before a payment, but reading a response does so after it.
 *
 * @example
 * ```ts
 * try {
 *   await paidFetch('https://api.example.com/expensive')
 * } catch (error) {
 *   describeForPerson(error) //=> 'This costs $2.50, and your limit is $1.00. Nothing was paid.'
 * }
 * ```
 *
 * @param error - Anything, usually what a `catch` caught.
 * @returns Up to three sentences, in English.
 */
export function describeForPerson(error: unknown): string {
  if (isX402Error(error)) return `${describe(error)} ${describeMoney(error)}`
  const what = isStopped(error)
    ? 'This was stopped. You can try again.'
    : 'Something went wrong. Check your connection.'
  return `${what} You paid nothing unless you confirmed a payment.`
}

function describe(error: X402Error): string {
  const { code, cause, name } = error
  if (code === 'ABORTED') return describeStopped(error)
  if (isShort(error)) return isOut(error.money) ? SHORT_AND_SENT : SHORT
  // The scheme's own error says more than the step that it failed in.
  if (code === 'SIGNER_FAILED' && isX402Error(cause)) return textOf(cause.code) ?? textOfClass(error)
  if (code === 'LEDGER_UNAVAILABLE' && isOut(error.money))
    return `The record of your payments is out of reach. ${AGAIN}`
  return (name === 'LimitError' ? describeLimit(error) : undefined) ?? textOf(code) ?? textOfClass(error)
}

function describeStopped({ name, money }: X402Error): string {
  const stopped = name === 'TimeoutError' ? 'This took too long.' : 'This was stopped.'
  return `${stopped} ${isOut(money) ? AGAIN : 'You can try again.'}`
}

/** Whether the wallet holds too little, as the client saw before it signed or the seller says afterwards. */
function isShort(error: X402Error): boolean {
  if (error.code === 'PAYMENT_REJECTED') return SHORT_OF_MONEY.test(error.facts['seller says'] ?? '')
  return (
    error instanceof SelectionError &&
    error.considered.some(({ reason }) => reason === 'the wallet holds too little of its asset')
  )
}

/** With the price and the limit, where both are in dollars. */
function describeLimit({ code, shortMessage, facts }: X402Error): string | undefined {
  if (isPaidBefore(shortMessage)) return "You paid for this before, and your limits don't allow paying again."
  const limit = facts['allows']
  const [, price] = (limit !== undefined && DOLLARS.test(limit) && PRICE.exec(facts['price'] ?? '')) || []
  const dollars = price && `$${price.replace(/^\d+$/, '$&.00').replace(/\.\d$/, '$&0')}`
  if (code === 'LIMIT_PER_PAYMENT' && dollars) return `This costs ${dollars}, and your limit is ${limit}.`
  if (code === 'LIMIT_PER_PAYMENT') return 'This costs more than your limit for one payment.'
  if (code !== 'LIMIT_TOTAL' && code !== 'LIMIT_WINDOW') return undefined
  const over = dollars
    ? `This costs ${dollars}, more than is left of your limit of ${limit}.`
    : 'This costs more than is left of your limit.'
  return code === 'LIMIT_WINDOW' ? `${over} Try again later.` : over
}

function describeMoney({ name, code, money, shortMessage }: X402Error): string {
  if (isOut(money)) return money === 'settled' ? 'You have paid.' : 'You may have paid.'
  // What a ledger can't say of an earlier payment isn't known here either.
  const isUnread = code === 'LEDGER_UNAVAILABLE' && name === 'DeliveryError' && money === 'untouched'
  const isMore = isUnread || BESIDES_ANOTHER.includes(code) || isPaidBefore(shortMessage)
  return isMore ? 'Nothing more was paid.' : 'Nothing was paid.'
}

/** Whether a payment left; a state that a later version adds proves nothing (R6). */
function isOut(money: string): boolean {
  return !['untouched', 'signed', 'released'].includes(money)
}

/** Of a limit that counts one resource. */
function isPaidBefore(shortMessage: string): boolean {
  return shortMessage.includes(': it was paid for before, and ')
}

/** What is said of a code or a class, if anything. */
function textOf(name: string): string | undefined {
  const texts = listTexts()
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}

function textOfClass({ name }: X402Error): string {
  return textOf(name) ?? `This page made a mistake. ${TELL_PAGE}`
}

/** An abort or a timeout of the caller's own. */
function isStopped(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/**
 * What happened and what a person can do about it, by code, and by class for codes that have no text of their own.
 *
 * Within a function, so that bundlers drop it from pages that don't ask for it: they keep template literals of a module.
 */
function listTexts(): Readonly<Record<string, string>> {
  const TELL_SELLER = 'Tell the seller.'
  const MISFIT = `The seller can't be paid from here. ${TELL_PAGE}`
  const NO_TERMS = `The seller's price can't be read or trusted. ${TELL_SELLER}`
  const NO_NETWORK = "The payment network doesn't respond. Try again later."
  const NO_RECORD = 'The record of your payments is out of reach. Reload the page and try again.'
  const OTHER_THING = 'Your wallet confirmed something other than this purchase. Try another wallet.'
  const NOT_ON_LIST = "Your limits don't allow paying this seller in this way."
  const MOVED = 'The seller has moved. Ask the seller for what you bought.'
  return {
    ALLOWANCE_REQUIRED: "Your wallet doesn't allow this kind of payment yet. Allow it there, then try again.",
    ALREADY_BOUGHT: 'You bought this already.',
    ALREADY_SPENT: "That payment was taken, so it can't be canceled.",
    ANSWER_LOST: `Your payment was sent, and the seller's reply got lost. ${AGAIN}`,
    ASKED_OTHER_TERMS: MISFIT,
    APPROVAL_PENDING: 'This waits for someone to approve it. Try again once they have.',
    ASKED_TOO_OFTEN: 'Too many payments were asked for in a short time. Wait a minute, then try again.',
    ASSET_NOT_ALLOWED: NOT_ON_LIST,
    CANCEL_FAILED: 'The payment could not be canceled. Try again later.',
    CANCEL_NOT_FINAL: "The cancellation isn't final yet. Look again later.",
    CANNOT_CANCEL: "This payment can't be canceled from here.",
    CANNOT_REOPEN: "That payment can't be sent again from here.",
    CIRCUIT_OPEN: 'This seller was paid several times and delivered nothing. Try again later.',
    CLIENT_DRAINED: 'This page is being closed and buys nothing more. Open it again, then try again.',
    COPY_FELL_BEHIND: 'This page asked for the same thing several times, and this copy broke off. Use another copy.',
    FROZEN: `All payments are paused here. ${TELL_PAGE}`,
    HOST_NOT_ALLOWED: NOT_ON_LIST,
    HOST_OUT_OF_REACH: "Your limits don't allow asking this address.",
    INSECURE_CONTEXT: "This page wasn't opened over a secure connection. Open its secure address.",
    INSECURE_TRANSPORT: `The connection to the seller isn't secure. ${TELL_SELLER}`,
    JOB_ELSEWHERE: MOVED,
    JOB_NOT_DONE: "The seller isn't done with what you bought. Ask for it again later; asking costs nothing.",
    JOB_UNPAID: 'The seller asks for money again instead of delivering. Ask the seller for what you bought.',
    LEDGER_CONFLICT: NO_RECORD,
    LEDGER_CORRUPT: 'The record of your payments was changed or cleared. Reload the page.',
    LEDGER_LOCKED: 'The record of your payments is in use elsewhere. Close what uses it, then try again.',
    LEDGER_NOT_DURABLE: NO_RECORD,
    LEDGER_NOT_MIGRATED: NO_RECORD,
    LEDGER_UNAVAILABLE: NO_RECORD,
    LEDGER_UNKNOWN_RECORD: 'The record of your payments has no such payment.',
    LIMIT_COUNT: 'Your limit on the number of payments is reached.',
    NETWORK_NOT_ALLOWED: NOT_ON_LIST,
    NOT_APPROVED: 'This payment was not approved.',
    NOT_IN_DOUBT: 'No such payment is open.',
    PAID_NOT_DELIVERED: "The seller was paid already and doesn't deliver. Ask the seller for what you bought.",
    PAID_PERHAPS: 'An earlier payment for this may have been taken. Look in your wallet before you buy it again.',
    PART_NOT_LOADED: 'A part of this page could not be loaded. Reload it and try again.',
    PAYEE_CHANGED: 'The seller wants the money at another address than before. Ask the seller whether that is right.',
    PAYEE_NOT_ALLOWED: NOT_ON_LIST,
    PAYMENT_NOT_KEPT: 'That payment is over.',
    PAYMENT_REJECTED: `The seller didn't accept your payment. ${AGAIN}`,
    PLATFORM_LACKS: "This browser can't pay here. Try another one.",
    PRICE_CHANGED:
      'The seller asks for another price now. Your payment may still be taken; wait a few minutes before you buy it again.',
    PURCHASE_KEY_REUSED: 'An earlier purchase is still open. Finish that one first.',
    PURCHASE_UNDER_WAY: 'This is being bought already, perhaps in another tab. Wait until that is done.',
    RECIPIENT_ACCOUNT_MISSING: `The seller can't receive this payment yet. ${TELL_SELLER}`,
    REDIRECTED: MOVED,
    REDIRECTED_ELSEWHERE: MOVED,
    REQUEST_UNFIT: "The seller wouldn't accept this request. Check what you entered.",
    RPC_ANSWER_MALFORMED: NO_NETWORK,
    RPC_ANSWER_MISSING: NO_NETWORK,
    RPC_FAILED: NO_NETWORK,
    RPC_RATE_LIMITED: NO_NETWORK,
    RPC_REFUSED: NO_NETWORK,
    RPC_WRONG_CHAIN: NO_NETWORK,
    SIGNATURE_MALFORMED: OTHER_THING,
    SIGNATURE_UNVERIFIED: OTHER_THING,
    SIGNED_MORE: OTHER_THING,
    SIGNED_OTHER_TERMS: OTHER_THING,
    SIGNED_TOO_LATE: 'Your wallet confirmed too late. Try again, and confirm sooner.',
    SIGNING_REJECTED: 'You declined in your wallet.',
    TERMS_CHANGED_WHILE_PAID: 'The seller changed its price after your payment. Ask the seller before you pay again.',
    TERMS_REFUSED: MISFIT,
    TRANSACTION_CHANGED: OTHER_THING,
    WALLET_ON_OTHER_CHAIN: 'Your wallet is set to another network than the seller. Switch it there, then try again.',
    ChallengeError: NO_TERMS,
    LimitError: "Your limits don't allow this purchase.",
    PaymentRejectedError: "The seller didn't accept your payment.",
    ReceiptError: "The seller's receipt is missing or can't be read. Ask the seller for one.",
    SelectionError: MISFIT,
    SigningError: "Your wallet couldn't confirm this payment. Open it, then try again.",
  }
}
