import { encodeJsonHeader } from '../../src/protocol/header-codec.js'
import { NETWORK, TRANSACTION } from '../support/offers.js'

/** An answer of a seller without a socket. */
export type LocalAnswer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> | undefined }

/** A receipt that fits, and says that next to nothing was taken. */
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, amount: '1' }
const delivery: LocalAnswer = { status: 200, headers: { 'payment-response': encodeJsonHeader(receipt) } }

function refuse(error: string): LocalAnswer {
  return { status: 402, headers: { 'payment-required': encodeJsonHeader({ x402Version: 2, error, accepts: [] }) } }
}

/** What a seller does with a payment that it is shown: whether it takes the money, and what it answers, if anything. */
export const REACTIONS: Readonly<Record<Reaction, { takes: boolean; answer: LocalAnswer | undefined }>> = {
  deliver: { takes: true, answer: delivery },
  'deliver for nothing': { takes: false, answer: { status: 200 } },
  'take and say 404': { takes: true, answer: { status: 404 } },
  'say 409': { takes: false, answer: { status: 409 } },
  'say 401': { takes: false, answer: { status: 401 } },
  'take and drop': { takes: true, answer: undefined },
  'take and say 402': { takes: true, answer: refuse('Payment required') },
  'take and say 503': { takes: true, answer: { status: 503 } },
  'take and say pending': { takes: true, answer: refuse('settlement_pending') },
  drop: { takes: false, answer: undefined },
  'say 402': { takes: false, answer: refuse('Payment required') },
  'say used': { takes: false, answer: refuse('invalid_exact_evm_nonce_already_used') },
  'say 500': { takes: false, answer: { status: 500 } },
}

/** The name of a {@link REACTIONS | reaction}. */
export type Reaction =
  | 'deliver'
  | 'deliver for nothing'
  | 'take and say 404'
  | 'say 409'
  | 'say 401'
  | 'take and drop'
  | 'take and say 402'
  | 'take and say 503'
  | 'take and say pending'
  | 'drop'
  | 'say 402'
  | 'say used'
  | 'say 500'

/** After which the same purchase is a new one. */
export const DELIVERED: readonly Reaction[] = ['deliver', 'deliver for nothing']

/** After which the same purchase presents the same payment, until it is over. */
export const ANSWERED: readonly Reaction[] = ['take and say 404', 'say 409', 'say 401']
