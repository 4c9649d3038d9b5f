/** What happened, and what a model can do about it. */
export type FailureText = { readonly what: string; readonly next: string }

/**
 * What is said to a model of a code, or else of a class; of what is neither, the least that is true.
 *
 * @param code - Of the error.
 * @param kind - Its class.
 */
export function textOfCode(code: string, kind = ''): FailureText {
  const texts = listTexts()
  const name = [code, kind].find((one) => Object.hasOwn(texts, one))
  const [what, next] = (name !== undefined && texts[name]) || OTHER
  return { what, next }
}

/** What to do where nothing is to be bought. */
export const ELSEWHERE = "Don't try again: use another source, or go on without it."
export const SAME = 'Call again with exactly the same input: the same payment is presented, so you never pay twice.'
const TELL = 'Tell the person you work for, and go on without it.'
const LATER = 'You may try again later.'
const STOP = "Don't try again, and buy nothing else like it: it was sent already. Tell the person you work for."

const OTHER = ['The tool could not do it.', TELL] as const

type Texts = Readonly<Record<string, readonly [what: string, next: string]>>

/**
 * By code, and by class for codes that have no text of their own. No text advises to raise, to spend more or to get around anything.
 *
 * Within a function, so that bundlers drop it from what doesn't ask for it.
 */
function listTexts(): Texts {
  const misfit = "Not bought: the seller's offer can't be paid from here."
  const terms = "Not bought: the seller's price can't be read or trusted."
  const wallet = "Not bought: the wallet couldn't sign this payment."
  const other = 'Not bought: the wallet signed something other than what was approved, so it was dropped.'
  const network = "Not bought: the payment network doesn't respond."
  const record = 'Not bought: the record of payments is out of reach, and what is not written down is not paid.'
  const notAllowed = 'Not bought: you are not allowed to pay'
  const setup = 'Not bought: this tool is not set up right.'
  const moved = 'The seller moved while it was being paid. The payment did not go along.'
  return {
    ALLOWANCE_REQUIRED: ['Not bought: the wallet does not allow this kind of payment yet.', TELL],
    ALREADY_BOUGHT: ['This was bought already, and delivered.', 'Use what came then. Ask for something else, or wait.'],
    ALREADY_SPENT: ['That payment was taken.', TELL],
    ANSWER_LOST: ['The payment was sent, and no response arrived.', SAME],
    APPROVAL_PENDING: [
      'Not bought yet: it waits for a person to say yes.',
      'Go on with something else, and call again with exactly the same input later. Nothing is paid before the yes.',
    ],
    APPROVAL_FAILED: ['Not bought: the wallet could not allow this kind of payment.', TELL],
    ASKED_OTHER_TERMS: [misfit, ELSEWHERE],
    ASKED_TOO_OFTEN: ['Not bought: a person was asked too often in a short time.', LATER],
    ASSET_NOT_ALLOWED: [`${notAllowed} in this token.`, ELSEWHERE],
    BODY_NOT_REPLAYABLE: ["Not bought: this request can't be sent twice, as paying needs.", ELSEWHERE],
    CANCEL_FAILED: ['A payment could not be canceled.', TELL],
    CANCEL_NOT_FINAL: ['A payment is being canceled; that is not final yet.', LATER],
    CANNOT_REOPEN: ["That payment can't be opened again from here.", TELL],
    CHALLENGE_REDIRECTED: ['Not bought: the address led to another site, which asked for money.', ELSEWHERE],
    CIRCUIT_OPEN: ['Not bought: this seller was paid several times and delivered nothing.', ELSEWHERE],
    CLIENT_DRAINED: ['Not bought: this program is about to end, and buys nothing more.', LATER],
    COPY_FELL_BEHIND: ['The same thing was asked for several times, and this copy broke off.', 'Use the other copy.'],
    FROZEN: ['Not bought: all payments are paused.', TELL],
    HOST_NOT_ALLOWED: [`${notAllowed} this site.`, ELSEWHERE],
    HOST_OUT_OF_REACH: ['Not fetched: you are not allowed to reach this address.', ELSEWHERE],
    HOST_UNKNOWN: [`${notAllowed} a seller that is unknown.`, ELSEWHERE],
    INSECURE_TRANSPORT: ["Not bought: the connection to the seller isn't secure.", 'Try its https address, if any.'],
    JOB_ELSEWHERE: ['What was paid for is to be fetched from another site, which was not asked.', TELL],
    JOB_NOT_DONE: [
      'It is paid for, and the seller is not done yet.',
      'Go on with something else, and call again with exactly the same input later: asking costs nothing.',
    ],
    JOB_UNPAID: ['The seller asks for money again instead of delivering. That was not paid.', STOP],
    LEDGER_CONFLICT: [record, TELL],
    LEDGER_CORRUPT: [record, TELL],
    LEDGER_LOCKED: [record, LATER],
    LEDGER_NOT_DURABLE: [record, TELL],
    LEDGER_NOT_MIGRATED: [record, TELL],
    LEDGER_UNAVAILABLE: [record, LATER],
    LEDGER_UNAVAILABLE_OUT: ['A payment was sent, and the record of payments is out of reach now.', SAME],
    LEDGER_UNKNOWN_RECORD: [record, TELL],
    LIMIT_COUNT: ['Not bought: your number of payments is used up.', ELSEWHERE],
    LIMIT_PER_PAYMENT: [
      'Not bought: it costs more than one purchase may cost.',
      "Don't try again at this price: use another source, or go on without it.",
    ],
    LIMIT_TOTAL: [
      'Not bought: it costs more than is left of your budget.',
      "Don't try again at this price: use another source, or go on without it.",
    ],
    LIMIT_WINDOW: ['Not bought: it costs more than is left for now.', 'Go on without it; some is free again later.'],
    LIMITS_REPLACED: ['Not bought: the limits changed meanwhile.', 'Call again.'],
    LIMITS_UNREADABLE: [record, TELL],
    MCP_SERVER_CHANGED: ['Not bought: the server changed meanwhile.', 'Call again.'],
    NETWORK_NOT_ALLOWED: [`${notAllowed} on this network.`, ELSEWHERE],
    NOT_APPROVED: ['Not bought: it was not approved.', "Don't ask for it again: use another source, or do without."],
    NO_PROPOSAL: ['Not bought: what was to be approved is not known here.', 'Call again to ask for it again.'],
    NO_OFFERS: [misfit, ELSEWHERE],
    NO_PAYABLE_OFFER: [misfit, ELSEWHERE],
    PAID_BEFORE: ['Not bought: you paid for this before, and may not pay for it again.', 'Use what came then.'],
    PAID_NOT_DELIVERED: ["The seller was paid already and doesn't deliver.", STOP],
    PAID_PERHAPS: [
      'Not bought: an earlier payment for this may have been taken.',
      "Don't buy it now, here or elsewhere: it may be paid for. Tell the person you work for.",
    ],
    PAYEE_CHANGED: ['Not bought: the seller wants the money at another address than before.', TELL],
    PAYEE_NOT_ALLOWED: [`${notAllowed} this recipient.`, ELSEWHERE],
    PAYMENT_REJECTED: ["The payment was sent, and the seller didn't accept it.", SAME],
    PRICE_CHANGED: [
      'The payment was sent ahead, and the seller asks for another price now. It may still be taken.',
      'Call it again later: nothing else is paid until it is known whether the first payment was taken.',
    ],
    PROPOSAL_CHANGED: [
      'Not bought: the seller asks for something other than what was approved.',
      'Call again only if you still want it: then a person is asked about the new terms.',
    ],
    PROPOSAL_EXPIRED: ['Not bought: no one decided about it in time.', 'Call again to ask for it again.'],
    PROPOSAL_USED: ['Not bought: the yes of a person was used up by an earlier purchase.', ELSEWHERE],
    PURCHASE_KEY_REUSED: ['Not bought: an earlier purchase under this key is still open.', 'Finish that one first.'],
    PURCHASE_UNDER_WAY: ['This is being bought already, by another call.', `Wait for that one. ${SAME}`],
    RECIPIENT_ACCOUNT_MISSING: ["Not bought: the seller can't receive this payment yet.", ELSEWHERE],
    REDIRECTED: [moved, STOP],
    REDIRECTED_ELSEWHERE: [moved, STOP],
    REFUSED_BY_HOOK: ['Not bought: a rule of the person you work for stopped it.', ELSEWHERE],
    REQUEST_UNFIT: [
      "Not bought: the seller wouldn't accept this request, by its own description of what it takes.",
      'Check method, address and body, and call again with what the seller asks for.',
    ],
    RPC_ANSWER_MALFORMED: [network, LATER],
    RPC_ANSWER_MISSING: [network, LATER],
    RPC_FAILED: [network, LATER],
    RPC_MISSING: [setup, TELL],
    RPC_RATE_LIMITED: [network, LATER],
    RPC_REFUSED: [network, LATER],
    RPC_WRONG_CHAIN: [network, TELL],
    SHORT: ['Not bought: the wallet holds too little for it.', TELL],
    SHORT_AND_SENT: ['The payment was sent, and the seller says that the wallet holds too little.', TELL],
    SIGNATURE_MALFORMED: [other, TELL],
    SIGNATURE_UNVERIFIED: [other, TELL],
    SIGNED_MORE: [other, TELL],
    SIGNED_OTHER_TERMS: [other, TELL],
    SIGNED_TOO_LATE: ['Not bought: it was signed too late.', LATER],
    SIGNING_REJECTED: ['Not bought: the person who holds the wallet declined.', ELSEWHERE],
    STOPPED: ['Not bought: the call was stopped.', 'You may call again.'],
    TAG_NOT_ALLOWED: [`${notAllowed} for this purpose.`, TELL],
    TERMS_CHANGED_WHILE_PAID: ['The seller changed its price after the payment was sent.', STOP],
    TERMS_REFUSED: [misfit, ELSEWHERE],
    TIMED_OUT: ['Not bought: it took too long.', LATER],
    TRANSACTION_CHANGED: [other, TELL],
    URL_NOT_ABSOLUTE: ['Not fetched: the address is not complete.', 'Write it whole, with https://.'],
    WALLET_ON_OTHER_CHAIN: ['Not bought: the wallet is on another network than the seller.', TELL],
    ChallengeError: [terms, ELSEWHERE],
    ConfigurationError: [setup, TELL],
    DeliveryError: ['The payment could not be completed.', TELL],
    LimitError: ["Not bought: your limits don't allow it.", ELSEWHERE],
    PaymentRejectedError: ["The payment was sent, and the seller didn't accept it.", SAME],
    ReceiptError: ["The seller's receipt is missing or can't be read.", TELL],
    SelectionError: [misfit, ELSEWHERE],
    SigningError: [wallet, TELL],
  }
}
