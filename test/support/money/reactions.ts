import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { NETWORK, TRANSACTION } from '../offers.js'

/** An answer of a seller without a socket. */
export type LocalAnswer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> | undefined }

/** What a seller does with a payment that it is shown. */
export type Reacting = {
  /** It takes the money. */
  readonly takes: boolean
  /** What it answers, if anything. */
  readonly answer: LocalAnswer | undefined
  /** What that means for what was bought; `none` where the payment is on its way still. */
  readonly means: 'none' | 'delivered' | 'answered' | 'lost'
}

/** A receipt that fits, and says that next to nothing was taken. */
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, amount: '1' }
const receipts = { 'payment-response': encodeJsonHeader(receipt) }

/** The name of a {@link REACTIONS | reaction}. */
export type Reaction =
  | 'deliver'
  | 'deliver for nothing'
  | 'send elsewhere for more'
  | 'take and say 404'
  | 'settle and say 404'
  | 'say 409'
  | 'say 401'
  | 'say 410'
  | 'say 404 for now'
  | 'say 401 for now'
  | 'say 202'
  | 'take and drop'
  | 'take and say 402'
  | 'take and say 503'
  | 'take and say pending'
  | 'drop'
  | 'say 402'
  | 'say used'
  | 'say 500'
  | 'redirect'
  | 'redirect away'

function refuse(error: string): LocalAnswer {
  return { status: 402, headers: { 'payment-required': encodeJsonHeader({ x402Version: 2, error, accepts: [] }) } }
}

const say = (status: number, headers: Record<string, string> = {}): LocalAnswer => ({ status, headers })

/** Everything that a seller may do. A 410 delivers where the buyer lists it. */
export const REACTIONS: Readonly<Record<Reaction, Reacting>> = {
  deliver: { takes: true, answer: say(200, receipts), means: 'delivered' },
  'deliver for nothing': { takes: false, answer: say(200), means: 'delivered' },
  'send elsewhere for more': { takes: true, answer: say(303), means: 'delivered' },
  'take and say 404': { takes: true, answer: say(404), means: 'answered' },
  'settle and say 404': { takes: true, answer: say(404, receipts), means: 'answered' },
  'say 409': { takes: false, answer: say(409), means: 'answered' },
  'say 401': { takes: false, answer: say(401), means: 'answered' },
  'say 410': { takes: false, answer: say(410), means: 'answered' },
  'say 404 for now': { takes: false, answer: say(404, { 'retry-after': '3' }), means: 'lost' },
  'say 401 for now': { takes: false, answer: say(401, { 'retry-after-ms': '3' }), means: 'lost' },
  'say 202': { takes: false, answer: say(202), means: 'lost' },
  'take and drop': { takes: true, answer: undefined, means: 'lost' },
  'take and say 402': { takes: true, answer: refuse('Payment required'), means: 'lost' },
  'take and say 503': { takes: true, answer: say(503), means: 'lost' },
  'take and say pending': { takes: true, answer: refuse('settlement_pending'), means: 'lost' },
  drop: { takes: false, answer: undefined, means: 'lost' },
  'say 402': { takes: false, answer: refuse('Payment required'), means: 'lost' },
  'say used': { takes: false, answer: refuse('invalid_exact_evm_nonce_already_used'), means: 'lost' },
  'say 500': { takes: false, answer: say(500), means: 'lost' },
  redirect: { takes: false, answer: say(307, { location: '/moved' }), means: 'none' },
  'redirect away': { takes: false, answer: say(307, { location: 'https://elsewhere.example/' }), means: 'lost' },
}
