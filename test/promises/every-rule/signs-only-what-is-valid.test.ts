import fc from 'fast-check'
import { isAddress, isAddressEqual } from 'viem'
import { expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account } from '../../support/create-buyer.js'
import { mutate } from '../../support/fuzz/hostile-value.js'
import { createOffer, createRequired, USDC } from '../../support/offers.js'

type Signed = { domain: Record<string, unknown>; message: Record<string, unknown> }

type Token = { name: string; version: string; chainId: number; verifyingContract: `0x${string}` }

/** Of each network that an offer may come to name here one token is known. */
const TOKENS = new Map<unknown, Token>([
  ['eip155:84532', { name: 'USDC', version: '2', chainId: 84532, verifyingContract: USDC }],
  [
    'eip155:1',
    { name: 'USD Coin', version: '2', chainId: 1, verifyingContract: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48' },
  ],
])

/** What an offer must be for a payment to be right, written down a second time and independently. */
function isExactlyValid(entry: unknown): entry is Record<string, string> & { maxTimeoutSeconds?: number | null } {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const { scheme, network, amount, maxAmountRequired, payTo, maxTimeoutSeconds, extra } = entry as Record<
    string,
    unknown
  >
  const price = amount ?? maxAmountRequired
  const isPriced = typeof price === 'string' && /^[1-9][0-9]*$/.test(price) && BigInt(price) <= 1_000_000n
  const isPaid = typeof payTo === 'string' && isAddress(payTo) && BigInt(payTo) !== 0n
  const token = TOKENS.get(network)
  const seconds = maxTimeoutSeconds ?? 60
  const isTimed = Number.isSafeInteger(seconds) && Number(seconds) > 0
  const isRight = scheme === 'exact' && token !== undefined && isNamed(extra ?? {}, token) && isIn(token, entry)
  return isRight && isPriced && isPaid && isTimed
}

function isNamed(extra: object, { name, version }: Token): boolean {
  const said: { name?: unknown; version?: unknown } = extra
  return (said.name ?? name) === name && (said.version ?? version) === version
}

/** A seller writes the address, or `USDC`, or nothing, under either of two names but not two things. */
function isIn({ verifyingContract }: Token, entry: { asset?: unknown; token?: unknown }): boolean {
  const said = entry.asset ?? entry.token ?? 'USDC'
  if (typeof said !== 'string' || (entry.token ?? said) !== said) return false
  return isAddress(said) ? isAddressEqual(said, verifyingContract) : /^usdc(_address)?$/i.test(said)
}

it('signs exactly one valid offer of a mutated 402, or nothing, and throws no class but ours', async () => {
  const good = createRequired([createOffer(), createOffer({ amount: '20000' })])
  const older = createRequired([
    createOffer({ asset: undefined, token: USDC, maxTimeoutSeconds: null }),
    createOffer({ asset: 'USDC', maxTimeoutSeconds: undefined, extra: { name: null, version: null } }),
  ])
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutate(good), mutate(older)), fc.boolean(), async (required, isInBody) => {
      const startSeconds = Math.floor(Date.now() / 1000)
      const signed: Signed[] = []
      const signer = {
        address: account.address,
        signTypedData(data: Signed & Parameters<typeof account.signTypedData>[0]) {
          signed.push(data)
          return account.signTypedData(data)
        },
      }
      const sent: Record<string, unknown>[] = []
      const seller: typeof fetch = async (_input, init) => {
        const header = new Headers(init?.headers).get('payment-signature')
        if (header !== null) {
          sent.push(JSON.parse(Buffer.from(header, 'base64').toString()))
          return new Response('bought')
        }
        if (isInBody) return new Response(JSON.stringify(required), { status: 402 })
        return new Response(null, { status: 402, headers: { 'payment-required': encodeJsonHeader(required) } })
      }
      const client = new x402Client().register('eip155:*', new ExactEvmScheme(signer))
      const paidFetch = wrapFetchWithPayment(seller, client)
      await paidFetch('https://api.example.com/fuzz').catch((error: unknown) => {
        if (!isX402Error(error)) throw error
        expect(error.message.length).toBeLessThan(3000)
        expect(error.message.match(/^Money: /gm)).toHaveLength(1)
      })
      expect(signed.length).toBeLessThanOrEqual(1)
      for (const [index, { domain, message }] of signed.entries()) {
        const accepted = sent[index]?.['accepted']
        // As it went over the wire, where -0 is 0.
        const offered = (JSON.parse(JSON.stringify(required)) as { accepts: unknown[] }).accepts
        expect(offered).toContainEqual(accepted)
        expect(isExactlyValid(accepted), JSON.stringify(accepted)).toBe(true)
        if (!isExactlyValid(accepted)) return
        expect(domain).toEqual(TOKENS.get(accepted['network']))
        expect(String(message['value'])).toBe(accepted['amount'] ?? accepted['maxAmountRequired'])
        const lifetime = Math.min(accepted.maxTimeoutSeconds ?? 60, 600)
        expect(Number(message['validBefore']) - lifetime).toBeGreaterThanOrEqual(startSeconds)
        expect(Number(message['validBefore']) - lifetime).toBeLessThanOrEqual(Math.floor(Date.now() / 1000))
        expect(String(message['to']).toLowerCase()).toBe(accepted['payTo']?.toLowerCase())
      }
    }),
    { numRuns: 2000 },
  )
}, 600_000)
