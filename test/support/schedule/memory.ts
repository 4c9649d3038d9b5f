import { createHash } from 'node:crypto'

/** What a client has come to know: all that decides what it does next. */
export type Memory = {
  /** A digest of the replies that it saw, in their order. */
  readonly log: string
  /** Its last look found that another call is presenting the payment. */
  readonly isLooking: boolean
  /** Whether the ledger has changed since that look, so that the next one may find something else. */
  readonly mayFindOther: boolean
  /**
   * Takes note of a reply. What a look found that another call has is left out, with the pause after it: how many times a call has looked decides nothing,
   * but for the last time, and it has more looks than a story has steps.
   */
  see(step: string, reply: string): void
  /** The ledger is being looked at. */
  look(): void
  /** The ledger has changed. */
  notice(): void
}

/** What the reply to a look begins with when another call is presenting the payment. */
const CLAIMED = 'claimed '

/** Creates the memory of a client that has seen nothing. */
export function createMemory(): Memory {
  let log = ''
  let isLooking = false
  let mayFindOther = true
  return {
    get log() {
      return log
    },
    get isLooking() {
      return isLooking
    },
    get mayFindOther() {
      return mayFindOther
    },
    see(step, reply) {
      if (step === 'claim') isLooking = reply.startsWith(CLAIMED)
      const isLeftOut = isLooking && (step === 'claim' || step === 'wait')
      if (!isLeftOut) log = createHash('sha1').update(log).update(`${step}: ${reply}`).digest('base64')
    },
    look() {
      mayFindOther = false
    },
    notice() {
      mayFindOther = true
    },
  }
}

const digests = new WeakMap<object, string>()

/** A digest of a payment, or of a reply. Ledgers replace payments and never change them, so that each is written once. */
export function digestOf(value: object): string {
  const text = () => JSON.stringify(value, (_name, one) => (typeof one === 'bigint' ? `${one}n` : one))
  const digest = digests.get(value) ?? createHash('sha1').update(text()).digest('base64')
  digests.set(value, digest)
  return digest
}

/** Writes a reply of the ledger as one text. */
export function toText(reply: unknown): string {
  if (typeof reply !== 'object' || reply === null) return String(reply)
  const { is = 'reply' } = reply as { readonly is?: string } // a claim
  return `${is} ${digestOf(reply)}`
}
