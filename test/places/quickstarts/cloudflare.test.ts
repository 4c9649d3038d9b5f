import { x402Client } from 'pay402'
import { registerExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { openShop } from './open-shop.js'

/** What Cloudflare publishes for buyers ("Pay from coding tools" of its agents' documentation), with other imports. */

const BASE_SEPOLIA = { network: 'eip155:84532', price: '$0.01' } as const
const url = 'https://api.example.com/paid'

describe('the tool of an OpenCode plugin', () => {
  /** The tool's `execute`, as it stands there. */
  async function execute(args: { url: string; timeout?: number }, fetch: typeof globalThis.fetch, privateKey: string) {
    const account = privateKeyToAccount(privateKey as `0x${string}`)
    const client = new x402Client()
    registerExactEvmScheme(client, { signer: account })
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const response = await paidFetch(args.url, {
      method: 'GET',
      signal: args.timeout ? AbortSignal.timeout(args.timeout * 1000) : undefined,
    } as RequestInit)
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
    return await response.text()
  }

  it.each([{ url }, { url, timeout: 30 }])('pays for %j', async (args) => {
    const { fetch, payments } = openShop(BASE_SEPOLIA)
    expect(await execute(args, fetch, generatePrivateKey())).toBe('{"sold":""}')
    expect(payments).toHaveLength(1)
  })

  it('fails with our error where the price is above the limit', async () => {
    const { fetch, payments } = openShop({ network: 'eip155:84532', price: '$2' })
    await expect(execute({ url }, fetch, generatePrivateKey())).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(payments).toEqual([])
  })
})

describe('an agent that pays by the package of protocol 1', () => {
  it('is told what to write, since an account alone has no limits', () => {
    const agentAccount = privateKeyToAccount(generatePrivateKey())
    // @ts-expect-error -- `x402-fetch` took an account where `@x402/fetch` and we take a client.
    expect(() => wrapFetchWithPayment(fetch, agentAccount)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('x402Client') }),
    )
  })
})
