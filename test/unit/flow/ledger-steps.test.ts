import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { ChainVerdict } from '../../../src/payment/scheme.js'
import { account } from '../../support/create-buyer.js'
import { countSteps } from '../../support/ledger/count-steps.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from './refusal-of.js'

/** Clients of one ledger whose steps are written down. */
function open(limits: object = {}) {
  const clock = createBriskClock()
  const { ledger, take } = countSteps(createMemoryLedger({ clock }))
  const createClient = (canAsk = false) => {
    const scheme = Object.assign(
      new ExactEvmScheme(account),
      canAsk && { canReconcile: () => true, reconcile: async (): Promise<ChainVerdict> => ({ verdict: 'unknown' }) },
    )
    return new x402Client({ clock, ledger, limits }).register('eip155:*', scheme)
  }
  return { clock, take, createClient, fetchAs: (client: x402Client) => wrapFetchWithPayment(fetch, client) }
}

describe('what a call asks of the ledger', () => {
  it('a free call: nothing', async () => {
    const seller = await openSeller((_request, response) => void response.end('free'))
    const { take, createClient, fetchAs } = open()
    await fetchAs(createClient())(seller.url)
    expect(take()).toEqual([])
  })

  it('a paid call: four steps', async () => {
    const seller = await openSeller(sell)
    const { take, createClient, fetchAs } = open()
    await fetchAs(createClient())(seller.url)
    expect(take()).toEqual(['claim', 'reserve', 'note sent', 'note delivered'])
  })

  it('a paid call with someone who listens: one more for each limit that it comes near to', async () => {
    const seller = await openSeller(sell)
    const { take, createClient, fetchAs } = open({ perDay: '$1', total: '$5' })
    const client = createClient()
    client.on('payment', () => undefined)
    await fetchAs(client)(seller.url)
    expect(take().toSorted()).toEqual(['claim', 'note delivered', 'note sent', 'reserve', 'spent', 'spent'])
  })

  it('a payment that is presented again: whether that is allowed, in place of reserving', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { take, createClient, fetchAs } = open()
    const paidFetch = fetchAs(createClient())
    await refusalOf(paidFetch(seller.url, { x402: { redeliver: 'never' } } as RequestInit))
    take()
    await paidFetch(seller.url)
    expect(take()).toEqual(['claim', 'get freeze', 'get limits', 'note sent', 'note delivered'])
  })

  it('a call that a used-up budget refuses: two steps, however often, where no chain can be asked', async () => {
    const seller = await openSeller(sell)
    const { take, createClient, fetchAs } = open({ perDay: '$0.01' })
    const paidFetch = fetchAs(createClient())
    await paidFetch(`${seller.url}/0`)
    take()
    for (let call = 1; call <= 20; call++) await refusalOf(paidFetch(`${seller.url}/${call}`))
    expect(take()).toEqual(Array.from({ length: 20 }, () => ['claim', 'reserve']).flat())
  })

  it('a call that a used-up budget refuses where a chain can be asked: one list more in ten seconds, whichever client of the process asks', async () => {
    const seller = await openSeller(sell)
    const { clock, take, createClient, fetchAs } = open({ perDay: '$0.01' })
    await fetchAs(createClient())(`${seller.url}/0`)
    take()
    const flood = async () => {
      for (let call = 1; call <= 20; call++) {
        const client = createClient(true)
        const paying = [client, client.restrict({ reach: 'anywhere' })].map((one) => wrapFetchWithPayment(fetch, one))
        await Promise.all(paying.map((paidFetch) => refusalOf(paidFetch(`${seller.url}/${call}`))))
      }
      return take().filter((step) => step !== 'claim' && step !== 'reserve')
    }
    expect(await flood()).toEqual(['list unresolved'])
    clock.advance(9)
    expect(await flood()).toEqual([])
    clock.advance(1)
    expect(await flood()).toEqual(['list unresolved'])
  })

  it('a call whose own terms a limit refuses: two steps, of which one asks whether the limits were replaced', async () => {
    const seller = await openSeller(sell)
    const { take, createClient, fetchAs } = open({ perPayment: '$0.001' })
    expect(await refusalOf(fetchAs(createClient(true))(seller.url))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(take()).toEqual(['claim', 'get limits'])
  })
})

describe('canAskChain', () => {
  it.each([
    ['a source', { rpc: { 'eip155:8453': 'https://rpc.example' } }, true],
    ['a source for any chain', { rpcUrl: 'https://rpc.example' }, true],
    ['no source', {}, false],
    ['an empty list of sources', { rpc: {} }, false],
  ])('of a scheme with %s', (_, options, expected) => {
    expect(new ExactEvmScheme(account, options).canAskChain).toBe(expected)
  })

  it('of a scheme that was taught to ask elsewhere', () => {
    class Asking extends ExactEvmScheme {
      override canReconcile(): boolean {
        return true
      }
    }
    expect(new Asking(account).canAskChain).toBe(true)
  })
})
