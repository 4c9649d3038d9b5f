import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { account } from '../../support/create-buyer.js'
import { createLocalFetch, localDelivery, localTerms } from '../../support/money/create-local-fetch.js'
import { createOffer, createRequired } from '../../support/offers.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** One seller, as its name can be written in an address. */
const spellings = [
  'https://api.example.com',
  'https://API.Example.COM',
  'https://api.example.com.',
  'https://api.example.com:443',
  'https://api.example.com.:443',
  'https://api。example．com｡',
]

/** The same name, as a person writes it in options and questions. */
const names = ['api.example.com', 'API.Example.com.', 'api.example.com:443', 'api.example.com.:443', 'api。example.com']

const elsewhere = ['https://api.example.com:8443', 'https://api.example.org.', 'https://xapi.example.com']

function createShop(options: ClientOptions, answer = localDelivery) {
  const client = new x402Client(options).register('eip155:*', new ExactEvmScheme(account))
  let payTo: string | undefined
  const paidFetch = wrapFetchWithPayment(
    createLocalFetch(({ payment }) =>
      payment === undefined
        ? localTerms(createRequired([createOffer(payTo === undefined ? {} : { payTo })]))
        : answer(),
    ),
    client,
  )
  return {
    client,
    paidFetch,
    payAt(address: string) {
      payTo = address
    },
  }
}

describe('a seller is one by any spelling of its name:', () => {
  it.each(names)('`hosts` that name %s allow each, and no other', async (name) => {
    const { paidFetch } = createShop({ limits: { hosts: [name] } })
    for (const [index, origin] of spellings.entries()) expect((await paidFetch(`${origin}/${index}`)).status).toBe(200)
    for (const origin of elsewhere) {
      expect(await refusalOf(paidFetch(`${origin}/`)), origin).toMatchObject({ code: 'HOST_NOT_ALLOWED' })
    }
  })

  it('`hosts` with a star allow what is below the name, with or without a dot at its end', async () => {
    const { paidFetch } = createShop({ limits: { hosts: ['*.Example.com.'] } })
    for (const [index, origin] of spellings.entries()) expect((await paidFetch(`${origin}/${index}`)).status).toBe(200)
    expect(await refusalOf(paidFetch('https://example.com./'))).toMatchObject({ code: 'HOST_NOT_ALLOWED' })
  })

  it('`perHost` counts all of them together', async () => {
    const { paidFetch } = createShop({ limits: { perHost: { total: { payments: 2 } } } })
    await paidFetch('https://api.example.com/1')
    await paidFetch('https://API.example.com.:443/2')
    for (const [index, origin] of spellings.entries()) {
      expect(await refusalOf(paidFetch(`${origin}/${index}`)), origin).toMatchObject({ code: 'LIMIT_COUNT' })
    }
    expect((await paidFetch('https://api.example.com:8443/')).status).toBe(200)
  })

  it('`spending` and `payments` find them by any, under one name', async () => {
    const { client, paidFetch } = createShop({ limits: { perHost: { perDay: '$1' } } })
    for (const [index, origin] of spellings.entries()) await paidFetch(`${origin}/${index}`)
    await paidFetch('https://other.example/')
    for (const host of names) {
      const [spent] = await client.spending({ host })
      expect(spent, host).toMatchObject({ limit: 'perDay' })
      const own = (await client.spending({ host })).find(({ limit }) => limit === 'perHost.perDay')
      expect(own, host).toMatchObject({ spent: '$0.06', scope: { host: 'api.example.com' } })
      const payments = await client.payments({ host })
      expect(payments.map((payment) => payment.host)).toEqual(spellings.map(() => 'api.example.com'))
    }
  })

  it('a restricted client answers by any, too', async () => {
    const { client } = createShop({})
    const agent = client.restrict({ reach: 'anywhere', perHost: { total: '$1' } })
    const paidFetch = wrapFetchWithPayment(
      createLocalFetch(({ payment }) => (payment === undefined ? localTerms() : localDelivery())),
      agent,
    )
    await paidFetch('https://api.example.com./')
    expect(await agent.payments({ host: 'API.example.com' })).toHaveLength(1)
    const own = (await agent.spending({ host: 'api.example.com:443' })).find(({ limit }) => limit.includes('perHost'))
    expect(own).toMatchObject({ spent: '$0.01' })
  })

  it('`pinPayTo` holds the first address under each', async () => {
    const shop = createShop({ limits: { pinPayTo: true } })
    await shop.paidFetch('https://api.example.com/first')
    shop.payAt(`0x${'22'.repeat(20)}`)
    for (const [index, origin] of spellings.entries()) {
      const error = await refusalOf(shop.paidFetch(`${origin}/${index}`))
      expect(error, origin).toMatchObject({ code: 'PAYEE_CHANGED', money: 'untouched' })
    }
  })

  it('the circuit that one spelling opened is open under each, and is reset by any', async () => {
    const failing = () => new Response('no', { status: 500 })
    const { client, paidFetch } = createShop({ circuit: { failures: 1 } }, failing)
    const isOpen = (origin: string, path: string) =>
      paidFetch(`${origin}/${path}`).then(
        () => false,
        ({ code }) => code === 'CIRCUIT_OPEN',
      )
    const post = { method: 'POST', body: 'question' }
    for (const [index, origin] of spellings.entries()) {
      await paidFetch(`https://api.example.com/failing/${index}`, post)
      expect(await isOpen('https://API.example.com.', `open/${index}`)).toBe(true)
      client.resetCircuit(origin)
      await paidFetch(`${origin}/reset/${index}`, post)
      for (const other of spellings) expect(await isOpen(other, `again/${index}`), other).toBe(true)
      client.resetCircuit('https://API.example.com.:443')
    }
  })
})
