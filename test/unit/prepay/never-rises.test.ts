import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { account } from '../../support/create-buyer.js'
import { createOffer, createRequired } from '../../support/offers.js'
import { startChangingSeller } from '../../support/start-changing-seller.js'
import { openPrices } from './open-prices.js'

const OTHER = '0x1111111111111111111111111111111111111111'
const DEARER = { amount: '900000', payTo: OTHER }

/** Signs for more than it's asked to. */
class DearScheme extends ExactEvmScheme {
  override createPaymentPayload(
    ...[version, requirements, context]: Parameters<ExactEvmScheme['createPaymentPayload']>
  ) {
    return super.createPaymentPayload(version, { ...requirements, ...DEARER } as PaymentRequirements, context)
  }
}

/** A wallet that is broken. */
class BrokenScheme extends ExactEvmScheme {
  override createPaymentPayload(): never {
    throw new Error('the wallet is locked')
  }
}

type Opening = { options?: ClientOptions; scheme?: ExactEvmScheme }

/** A client that knows the terms ahead, and the seller that asks for them. */
async function open({ options, scheme = new ExactEvmScheme(account) }: Opening = {}) {
  const seller = await startChangingSeller()
  const terms = createRequired() as PaymentRequired
  const client = new x402Client({ ...options, prepay: [{ route: seller.url, terms }] }).register('eip155:*', scheme)
  const paidFetch = wrapFetchWithPayment(fetch, client)
  return { seller, client, terms, buy: () => paidFetch(seller.url) }
}

/** What was presented to the seller: amount and recipient of each authorization. */
function readPaid({ requests }: Awaited<ReturnType<typeof startChangingSeller>>) {
  return requests.flatMap(({ payment }) => {
    const { value, to } = new Object(payment?.payload['authorization']) as { value?: string; to?: string } // of EIP-3009
    return value === undefined ? [] : [{ value, to }]
  })
}

const AS_KNOWN = [{ value: '10000', to: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C' }]

describe('what is signed ahead is what was known ahead:', () => {
  it('a policy or a selector that changes the offer leaves none, as when the seller asks', async () => {
    const dearer = (offer: PaymentRequirements | undefined) => ({ ...offer, ...DEARER }) as PaymentRequirements
    const selecting = await open({ options: { paymentRequirementsSelector: (_, [offer]) => dearer(offer) } })
    const policed = await open()
    policed.client.registerPolicy((_, offers) => offers.map(dearer))
    for (const { seller, buy } of [selecting, policed]) {
      await expect(buy()).rejects.toMatchObject({ code: 'NO_PAYABLE_OFFER', response: { status: 402 } })
      expect(readPaid(seller)).toEqual([])
      expect(seller.counts()).toEqual([1, 1])
    }
  })

  it('a hook is shown what it can’t change', async () => {
    const { seller, client, buy } = await open()
    const raise = ({
      paymentRequired,
      ...shown
    }: {
      paymentRequired: PaymentRequired
      selectedRequirements?: object
    }) => {
      for (const one of [...paymentRequired.accepts, shown.selectedRequirements ?? {}]) {
        for (const [name, value] of Object.entries(DEARER)) Reflect.set(one, name, value)
      }
      return undefined
    }
    client.onPaymentRequired(raise).onBeforePaymentCreation(raise)
    expect((await buy()).status).toBe(200)
    expect(readPaid(seller)).toEqual(AS_KNOWN)
  })

  it('a hook in place of the wallet can’t pay more', async () => {
    const dear = await new DearScheme(account).createPaymentPayload(2, createOffer() as never)
    const { seller, client, buy } = await open({ scheme: new BrokenScheme(account) })
    client.onPaymentCreationFailure(() => ({ recovered: true, payload: dear as never }))
    await expect(buy()).rejects.toMatchObject({ code: 'SIGNED_OTHER_TERMS' })
    expect(readPaid(seller)).toEqual([])
  })

  it('a scheme that signs more is held back', async () => {
    const { seller, client, buy } = await open({ scheme: new DearScheme(account) })
    await expect(buy()).rejects.toMatchObject({ code: 'SIGNED_OTHER_TERMS' })
    expect(readPaid(seller)).toEqual([])
    expect(await client.payments({ money: 'released' })).toHaveLength(1)
  })

  it('terms that are changed once the client has them change nothing', async () => {
    const { seller, terms, buy } = await open()
    Object.assign(terms.accepts[0] as object, DEARER)
    expect((await buy()).status).toBe(200)
    expect(readPaid(seller)).toEqual(AS_KNOWN)
  })
})

it.each([
  ['a higher amount', { amount: '10001' }, {}, false],
  ['a lower amount', { amount: '9999' }, {}, true],
  ['another recipient', { payTo: OTHER }, {}, false],
  ['another asset', { asset: OTHER }, {}, false],
  ['another network', { network: 'eip155:8453' }, {}, false],
  ['another scheme', { scheme: 'upto' }, {}, false],
  ['another order number', { extra: { name: 'USDC', version: '2', order: 7 } }, {}, true],
  [
    'a higher deposit',
    { extra: { minDeposit: '500000' } },
    { scheme: 'batch-settlement', extra: { minDeposit: '50000' } },
    false,
  ],
])('what was paid since is prepaid within terms given ahead only: %s', (_, changes, scheme, isRecalled) => {
  const given = createOffer(scheme)
  const { remember, recall } = openPrices(createRequired([given]) as PaymentRequired)
  const paid = { ...given, ...changes }
  remember('/a', createRequired([paid]))
  expect(recall('/a')).toEqual(isRecalled ? [paid] : undefined)
})
