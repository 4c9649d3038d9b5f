import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readAddress } from '../address.js'
import { readChainId } from '../chain-id.js'
import { type Hex, hasExactly, isWord } from '../hex.js'
import { hashTypedData } from '../wallet/typed-data.js'

/** A payment channel that was read from a payload. */
export type Channel = {
  readonly payer: Hex
  readonly payTo: Hex
  readonly asset: Hex
  /** Names all of its terms, in lower case. */
  readonly id: Hex
}

/** Source: `BATCH_SETTLEMENT_ADDRESS` of `@x402/evm` 2.27. */
const CONTRACT: Hex = '0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003'

/** Where the seller names no delay, in seconds. Source: `MIN_WITHDRAW_DELAY` of `@x402/evm` 2.27. */
const LEAST_WITHDRAW_DELAY = 900

/** Source: `channelConfigTypes` of `@x402/evm` 2.27. */
const TYPES = {
  ChannelConfig: [
    { name: 'payer', type: 'address' },
    { name: 'payerAuthorizer', type: 'address' },
    { name: 'receiver', type: 'address' },
    { name: 'receiverAuthorizer', type: 'address' },
    { name: 'token', type: 'address' },
    { name: 'withdrawDelay', type: 'uint40' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const

const KEYS = /* @__PURE__ */ TYPES.ChannelConfig.map(({ name }) => name)

/**
 * Reads the terms of a channel, and names it as its contract does.
 *
 * @param config - Untrusted.
 * @param requirements - The approved terms: who settles, and how long the payer would wait for what is left, must be as they say.
 */
export function readChannel(config: unknown, { network, extra }: PaymentRequirements): Channel | undefined {
  const chainId = readChainId(network)
  if (chainId === undefined || !hasExactly(config, KEYS)) return undefined
  const { withdrawDelay, salt } = config
  const names = ['payer', 'payerAuthorizer', 'receiver', 'receiverAuthorizer', 'token']
  const addresses = [...names.map((name) => config[name]), extra['receiverAuthorizer']].map((address) => {
    const read = readAddress(address)
    return 'problem' in read ? undefined : read.value
  })
  const [payer, payerAuthorizer, receiver, receiverAuthorizer, token, asked] = addresses
  if (!payer || !payerAuthorizer || !receiver || !receiverAuthorizer || !token) return undefined
  const delay = typeof extra['withdrawDelay'] === 'number' ? extra['withdrawDelay'] : LEAST_WITHDRAW_DELAY
  if (receiverAuthorizer !== asked || withdrawDelay !== delay || !Number.isSafeInteger(delay)) return undefined
  if (delay < 0 || !isWord(salt)) return undefined
  const message = { payer, payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay: BigInt(delay), salt }
  const domain = { name: 'x402 Batch Settlement', version: '1', chainId, verifyingContract: CONTRACT }
  const id = hashTypedData({ domain, types: TYPES, primaryType: 'ChannelConfig', message })
  return { payer, payTo: receiver, asset: token, id }
}
