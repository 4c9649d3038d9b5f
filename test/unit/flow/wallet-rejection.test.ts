import { makeError } from 'ethers'
import ky from 'ky'
import { createWalletClient, custom, UserRejectedRequestError } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { type EvmSigner, ExactEvmScheme, fromEip1193 } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { account } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'
import { askFor } from './ask-for.js'
import { createScheme } from './create-scheme.js'
import { refusalOf } from './refusal-of.js'

const url = 'https://api.example.com/report'
const refused = Object.assign(new Error('User rejected the request.'), { code: 4001 })
let seller: Seller | undefined
afterEach(() => seller?.stop())

/** A wallet whose owner says no, counting how often it asked. */
function createRefusingWallet() {
  let prompts = 0
  const provider = {
    async request({ method }: { method: string }): Promise<unknown> {
      if (method === 'eth_accounts') return [account.address]
      if (method === 'eth_chainId') return '0x14a34'
      prompts++
      throw refused
    },
  }
  return { provider, prompts: () => prompts }
}

async function sign(thrown: unknown) {
  const scheme = createScheme({ createPaymentPayload: () => Promise.reject(thrown) })
  const client = new x402Client().register('eip155:*', scheme)
  const error = await refusalOf(client.createPaymentPayload(askFor(), { url }))
  return { error, payments: await client.payments() }
}

describe('error: SIGNING_REJECTED', () => {
  it.each<[string, unknown]>([
    ['EIP-1193', refused],
    ['EIP-1193, as an object that is no error', { code: 4001 }],
    ['WalletConnect', { code: 5000, message: 'User rejected.' }],
    [
      'ethers',
      makeError('user rejected action', 'ACTION_REJECTED', { action: 'signTypedData', reason: 'rejected', info: {} }),
    ],
    [
      'ethers, which could not name it',
      Object.assign(new Error('could not coalesce error'), { info: { error: refused } }),
    ],
    ['viem', new UserRejectedRequestError(refused)],
    ['viem, from another copy', Object.assign(new Error('no'), { name: 'UserRejectedRequestError' })],
    ['a library that wraps it', new Error('signing failed', { cause: new Error('rpc failed', { cause: refused }) })],
  ])('when the owner of a wallet says no by way of %s, and the money is untouched', async (_how, thrown) => {
    const { error, payments } = await sign(thrown)
    expect(error).toMatchObject({ name: 'SigningError', code: 'SIGNING_REJECTED', money: 'untouched', cause: thrown })
    expect(payments).toMatchObject([{ money: 'released' }])
  })

  it.each<[string, (provider: Parameters<typeof fromEip1193>[0]) => Promise<EvmSigner>]>([
    ['fromEip1193', (provider) => fromEip1193(provider)],
    [
      'a viem WalletClient',
      async (provider) =>
        createWalletClient({ account: account.address, transport: custom(provider as Parameters<typeof custom>[0]) }),
    ],
  ])('when the owner of a wallet behind %s says no, who is asked once', async (_how, toSigner) => {
    const { provider, prompts } = createRefusingWallet()
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(await toSigner(provider)))
    await expect(client.createPaymentPayload(askFor(), { url })).rejects.toMatchObject({ code: 'SIGNING_REJECTED' })
    expect(prompts()).toBe(1)
  })

  it("asks once under a library that retries, with refusals: 'return'", async () => {
    seller = await startSeller(sell)
    const { provider, prompts } = createRefusingWallet()
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(await fromEip1193(provider)))
    const paidFetch = wrapFetchWithPayment(fetch, client, { refusals: 'return' })
    const answer = await ky(seller.url, { fetch: paidFetch, retry: 5, throwHttpErrors: false })
    expect(paymentOf(answer)?.error).toMatchObject({ code: 'SIGNING_REJECTED', money: 'untouched' })
    expect(prompts()).toBe(1)
    expect(seller.requests).toHaveLength(1)
  })
})

describe('error: SIGNER_FAILED', () => {
  const loop = new Error('a loop')
  loop.cause = loop
  const hostile = new Proxy(new Error('hostile'), {
    get() {
      throw new Error('do not look')
    },
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'User rejected the request.'],
    ['another code', { code: -32_603 }],
    ['an error that is its own cause', loop],
  ])('when the wallet throws %s', async (_what, thrown) => {
    expect((await sign(thrown)).error).toMatchObject({ code: 'SIGNER_FAILED', money: 'untouched' })
  })

  it('when what the wallet throws can’t be looked at', async () => {
    const { error } = await sign(hostile)
    expect(isX402Error(error) && error.code).toBe('SIGNER_FAILED')
  })
})
