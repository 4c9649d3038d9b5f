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

/** What an offer must be for a payment to be right, written down a second time and independently. */
function isExactlyValid(entry: unknown): entry is Record<string, string> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const { scheme, network, amount, maxAmountRequired, asset, payTo, maxTimeoutSeconds, extra } = entry as Record<
    string,
    unknown
  >
  const price = amount ?? maxAmountRequired
  const isPriced = typeof price === 'string' && /^[1-9][0-9]*$/.test(price) && BigInt(price) <= 1_000_000n
  const isPaid = typeof payTo === 'string' && isAddress(payTo) && BigInt(payTo) !== 0n
  const isUsdc = typeof asset === 'string' && isAddress(asset) && isAddressEqual(asset, USDC)
  const said = (extra ?? {}) as Record<string, unknown>
  const isNamed = (said['name'] ?? 'USDC') === 'USDC' && (said['version'] ?? '2') === '2'
  const isTimed = Number.isSafeInteger(maxTimeoutSeconds) && Number(maxTimeoutSeconds) > 0
  const isRight = scheme === 'exact' && network === 'eip155:84532'
  return isRight && isPriced && isPaid && isUsdc && isNamed && isTimed
}

it('signs exactly one valid offer of a mutated 402, or nothing, and throws no class but ours', async () => {
  const good = createRequired([createOffer(), createOffer({ amount: '20000' })])
  await fc.assert(
    fc.asyncProperty(mutate(good), fc.boolean(), async (required, isInBody) => {
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
        expect(domain).toMatchObject({ name: 'USDC', version: '2', chainId: 84532, verifyingContract: USDC })
        expect(String(message['value'])).toBe(accepted['amount'] ?? accepted['maxAmountRequired'])
        expect(String(message['to']).toLowerCase()).toBe(accepted['payTo']?.toLowerCase())
      }
    }),
    { numRuns: 2000 },
  )
}, 600_000)
