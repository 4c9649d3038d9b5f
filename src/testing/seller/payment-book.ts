import { encodeBase58 } from '../../../schemes/svm/wire/encoding.js'
import type { PaymentPayload } from '../../wire/payload.js'
import type { PaymentRequirements } from '../../wire/requirements.js'
import type { Refused, Verified } from './verification.js'

/** A payment that a seller was handed. */
export type SellerPayment = {
  /** As it came first. */
  readonly payload: PaymentPayload
  /** The offer that it is for; `undefined` where it fits none. */
  readonly terms: PaymentRequirements | undefined
  readonly payer: string | undefined
  /** What a chain would remember of it; `undefined` where it can't be read. */
  readonly nonce: string | undefined
  /** Most that can be taken by it, in atomic units; 0 where it isn't good. */
  readonly amount: bigint
  /** `held`: it is good, and nothing was taken by it. `settled`: the money was taken. `refused`: it isn't good. */
  readonly state: 'held' | 'settled' | 'refused'
  /** Why it isn't good, in the words of the official facilitators. */
  readonly reason: string | undefined
  /** Whether the signature was recovered; `unchecked` without viem, or without Ed25519. */
  readonly signature: 'valid' | 'unchecked' | undefined
  /** What was taken, in atomic units. */
  readonly taken: bigint
  /** The transaction that its receipt names. */
  readonly transaction: string | undefined
  /** How many requests carried it. */
  readonly presented: number
}

/** Keeps the payments of a seller: each once, however often it comes. */
export type PaymentBook = {
  /** In the order in which they came first. */
  readonly payments: readonly SellerPayment[]
  /** Adds a payment, or one more presenting of it. */
  enter(payload: PaymentPayload, terms: PaymentRequirements | undefined, verified: Verified | Refused): SellerPayment
  /** Takes the money, once. */
  settle(payment: SellerPayment, taken: bigint): void
  clear(): void
}

/** Creates an empty book. What it lists goes with what becomes of it. */
export function createPaymentBook(): PaymentBook {
  const payments: Writable[] = []
  let settled = 0
  return {
    payments,
    enter(payload, terms, verified) {
      const facts = toFacts(payload, terms, verified)
      const text = JSON.stringify(payload.payload)
      const known = payments.find(
        (one) =>
          JSON.stringify(one.payload.payload) === text || (facts.nonce !== undefined && one.nonce === facts.nonce),
      )
      if (known === undefined) {
        const payment = { ...facts, taken: 0n, transaction: undefined, presented: 1 }
        payments.push(payment)
        return payment
      }
      known.presented++
      return known.state === 'refused' ? Object.assign(known, facts) : known
    },
    settle(payment, taken) {
      const held = payments.find((one) => one === payment)
      if (held === undefined || held.state === 'settled') return
      settled++
      Object.assign(held, { state: 'settled', taken, transaction: toTransaction(settled, payment.terms?.network) })
    },
    clear() {
      payments.length = 0
    },
  }
}

type Writable = { -readonly [Field in keyof SellerPayment]: SellerPayment[Field] }

function toFacts(
  payload: PaymentPayload,
  terms: PaymentRequirements | undefined,
  verified: Verified | Refused,
): Omit<SellerPayment, 'taken' | 'transaction' | 'presented'> {
  if ('reason' in verified) {
    const unread = { payer: undefined, nonce: undefined, amount: 0n, signature: undefined }
    return { payload, terms, ...unread, state: 'refused', reason: verified.reason }
  }
  const { described, signature } = verified
  const { payer, nonce, amount } = described
  return { payload, terms, payer, nonce, amount, state: 'held', reason: undefined, signature }
}

/** Names a transaction as chains do, the same in every run: 32 bytes in hex, or 64 in base58. */
function toTransaction(count: number, network = ''): string {
  if (!network.startsWith('solana:')) return `0x${count.toString(16).padStart(64, '0')}`
  return encodeBase58(Uint8Array.from({ length: 64 }, (_, place) => (place < 60 ? 1 : count >>> (8 * (63 - place)))))
}
