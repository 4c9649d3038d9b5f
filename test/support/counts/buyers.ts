import { ExactEvmScheme as OfficialScheme } from '@x402/evm/exact/client'
import { x402Client as OfficialClient, wrapFetchWithPayment as officialWrap } from '@x402/fetch'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { encode, PAYER } from './seller.js'

/** What signs: viem's account, or what stands in for it. */
export type Signer = Pick<PrivateKeyAccount, 'address' | 'sign' | 'signTypedData'>

/** Asks for an address, pays where it must, and reads what came. */
export type Buyer = (url: string) => Promise<Response>

/** A signature of the right shape: neither client checks whose it is, since the seller does. */
const SIGNATURE = `0x${'1b'.repeat(65)}` as const

/** As long as the header that either client sends, and read as one. */
const HEADER = encode({ x402Version: 2, payload: { signature: SIGNATURE }, accepted: 'e'.repeat(550) })

/** Signs in no time, so that what is left is the client. */
export const stubbedSigner: Signer = {
  address: PAYER,
  sign: async () => SIGNATURE,
  signTypedData: async () => SIGNATURE,
}

/** Signs as most buyers do. */
export function createAccount(): Signer {
  return privateKeyToAccount(`0x${'11'.repeat(32)}`)
}

/** pay402, with the limits that most buyers set. */
export function createOurs(send: typeof fetch, signer: Signer, signing: 'typed-data' | 'hash' = 'typed-data'): Buyer {
  const limits = { perPayment: '$1', perDay: '$1000000' }
  const client = new x402Client({ limits }).register('eip155:*', new ExactEvmScheme(signer, { signing }))
  return readAnswer(wrapFetchWithPayment(send, client))
}

/** `@x402/fetch` with `@x402/evm`. */
export function createOfficial(send: typeof fetch, signer: Signer): Buyer {
  return readAnswer(officialWrap(send, new OfficialClient().register('eip155:*', new OfficialScheme(signer))))
}

/** The least that any client does: two bare requests, and one signature between them where a signer is given. */
export function createFloor(send: typeof fetch, signer?: Signer): Buyer {
  return async (url) => {
    const asked = await send(url)
    await asked.text()
    await signer?.signTypedData(typedData)
    const paid = await send(url, { headers: { 'payment-signature': HEADER } })
    return paid
  }
}

/** One bare request: the least that a free call takes. */
export function createBareFetch(send: typeof fetch): Buyer {
  return readAnswer(send)
}

function readAnswer(send: typeof fetch): Buyer {
  return async (url) => {
    const response = await send(url)
    return response
  }
}

const typedData = {
  domain: {
    name: 'USDC',
    version: '2',
    chainId: 84532,
    verifyingContract: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  },
  types: {
    TransferWithAuthorization: [
      { name: 'from', type: 'address' },
      { name: 'to', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'validAfter', type: 'uint256' },
      { name: 'validBefore', type: 'uint256' },
      { name: 'nonce', type: 'bytes32' },
    ],
  },
  primaryType: 'TransferWithAuthorization',
  message: {
    from: PAYER,
    to: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    value: 10_000n,
    validAfter: 0n,
    validBefore: 1_800_000_000n,
    nonce: `0x${'a0'.repeat(32)}`,
  },
} as const
