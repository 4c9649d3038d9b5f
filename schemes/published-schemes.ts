import type { Describe, PublishedScheme, SchemeNetworkClient } from '../src/payment/scheme.js'
import { isJsonObject } from '../src/wire/json.js'
import type { Network } from '../src/wire/network.js'
import type { PaymentRequirements } from '../src/wire/requirements.js'

/** How many times the price a channel is filled with where its policy names no other multiple. Source: `@x402/evm` 2.27. */
const DEPOSIT_MULTIPLIER = 5

const loadEvm = async (): Promise<Describe> => (await import('./evm/describe-evm-payload.js')).describeEvmPayload
const loadSvm = async (): Promise<Describe> => (await import('./svm/exact/described-payload.js')).describeSvmPayload

const SIGNED_AS_ASKED: PublishedScheme = { defaultPaymentFlow: 'authorization', loadDescribe: loadEvm }

/**
 * Schemes of `@x402/evm` and `@x402/svm` 2.27, by the namespace of their networks. What reads their payloads is loaded when such an object
 * is about to sign for the first time. The table itself is loaded where an object may need it.
 */
const PUBLISHED: Readonly<Record<string, PublishedScheme>> = {
  'eip155/exact': SIGNED_AS_ASKED,
  'eip155/upto': SIGNED_AS_ASKED,
  'eip155/batch-settlement': { ...SIGNED_AS_ASKED, predictExposure: predictDeposit },
  // Its operator holds the whole amount, whatever flow the seller names.
  'eip155/auth-capture': { defaultPaymentFlow: 'escrow', loadDescribe: loadEvm },
  'solana/exact': { defaultPaymentFlow: 'authorization', loadDescribe: loadSvm },
  'solana/upto': { defaultPaymentFlow: 'escrow' },
}

/** What is known of a scheme of this name on this network, also under a pattern; `undefined` where nobody published one. */
export function findPublishedScheme(network: Network, scheme: string): PublishedScheme | undefined {
  const key = `${network.slice(0, network.indexOf(':'))}/${scheme}`
  return Object.hasOwn(PUBLISHED, key) ? PUBLISHED[key] : undefined
}

/**
 * What a channel is filled with when it is opened: what the seller names, if it covers the price, else a multiple of the price.
 *
 * Source: `depositAmountForRequest` of `@x402/evm` 2.27.
 */
function predictDeposit({ amount, extra }: PaymentRequirements, scheme: SchemeNetworkClient): bigint {
  const price = BigInt(amount)
  const { minDeposit } = extra
  const least = typeof minDeposit === 'string' && /^\d+$/.test(minDeposit) ? BigInt(minDeposit) : 0n
  return least >= price ? least : price * readMultiplier(scheme)
}

function readMultiplier(scheme: SchemeNetworkClient): bigint {
  const policy: unknown = Reflect.get(scheme, 'depositPolicy')
  const multiplier = isJsonObject(policy) ? policy['depositMultiplier'] : undefined
  return BigInt(Number.isSafeInteger(multiplier) ? Number(multiplier) : DEPOSIT_MULTIPLIER)
}
