import { describe, expect, it } from 'vitest'
import { describeEvmPayload } from '../../../schemes/evm/index.js'
import { readable, type SchemeNetworkClient, x402Client } from '../../../src/index.js'
import { createOffer, USDC } from '../../support/offers.js'
import { askFor } from '../flow/ask-for.js'
import { createScheme } from '../flow/create-scheme.js'

const url = 'https://api.example.com/report'

describe('readable', () => {
  it('leaves the object as it is, and calls its methods on itself', async () => {
    class Locked implements SchemeNetworkClient {
      readonly scheme = 'exact'
      readonly #key = 'kept'
      async createPaymentPayload(x402Version: number) {
        return { x402Version, payload: { signature: this.#key } }
      }
    }
    const locked = new Locked()
    const read = createScheme().describe
    const scheme = readable(locked, (...asked) => read?.(...asked))
    expect('describe' in locked).toBe(false)
    expect('describe' in scheme).toBe(true)
    const limits = { assets: [{ network: 'eip155:84532', asset: USDC, perPayment: '10000' }] } as const
    const client = new x402Client({ limits }).register('eip155:*', scheme)
    expect(await client.createPaymentPayload(askFor(), { url })).toMatchObject({ payload: { signature: 'kept' } })
  })

  it.each([
    ['no scheme', undefined, describeEvmPayload],
    ['no reader', createScheme(), undefined],
  ])('error: INVALID_SCHEME with %s', (_what, ...given) => {
    const make = () => Reflect.apply(readable, undefined, given)
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_SCHEME', money: 'untouched' }))
  })
})

describe('client.register', () => {
  it.each([['maybe'], [true]])('error: INVALID_OPTION when `unreadable` is %s', (unreadable) => {
    const register = () => new x402Client().register('eip155:*', createScheme(), { unreadable } as never)
    expect(register).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('error: UNKNOWN_OPTION for what means nothing', () => {
    const register = () => new x402Client().register('eip155:*', createScheme(), { unread: true } as never)
    expect(register).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
  })

  it('takes the same in one object, for either protocol', async () => {
    const client = createScheme({ scheme: 'tab', describe: undefined as never })
    const how = { client, unreadable: 'trust-the-price' } as const
    const schemes = [
      { network: 'eip155:84532', ...how },
      { network: 'base-sepolia' as never, x402Version: 1, ...how },
    ] as const
    const buyer = x402Client.fromConfig({ schemes })
    await buyer.createPaymentPayload(askFor([createOffer({ scheme: 'tab' })]), { url })
    const { amount, ...rest } = createOffer({ scheme: 'tab', network: 'base-sepolia' })
    const entry = { ...rest, maxAmountRequired: amount, resource: url, description: '', mimeType: '' }
    await buyer.createPaymentPayload({ x402Version: 1, accepts: [entry] } as never, { url })
    expect(await buyer.payments()).toMatchObject([{ exposure: 'unread' }, { exposure: 'unread' }])
  })
})
