import { ExactEvmScheme as OfficialScheme } from '@x402/evm'
import { x402Client as OfficialClient, wrapFetchWithPayment as wrapOfficially } from '@x402/fetch'
import { createManualClock, createSeller, type Offer, TestScheme, testAccounts } from 'pay402/testing'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../../schemes/evm/index.js'
import { decodeJsonHeader, encodeJsonHeader } from '../../../../src/wire/header-codec.js'
import { account, createBuyer, schemes } from './buyers.js'

const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'

/** Every kind of payment, and the offer that it pays. */
const kinds = {
  'test scheme': {},
  'exact on EVM': {},
  'upto on EVM': { scheme: 'upto' },
  'exact on Solana': { network: DEVNET },
} satisfies Record<keyof typeof schemes, Offer>

const permit2 = { 'exact through Permit2': { extra: { assetTransferMethod: 'permit2' } } }

type Payload = Record<string, Record<string, unknown>>

/** Pays once, and gives the header of the payment. */
async function payOnce(kind: keyof typeof schemes, offer: Offer, x402Version: 1 | 2 = 2) {
  const seller = createSeller({ accepts: [offer], x402Version })
  const { paidFetch, client } = createBuyer(seller, await schemes[kind]())
  const response = await paidFetch(seller.url)
  const name = x402Version === 1 ? 'x-payment' : 'payment-signature'
  const header = String(seller.requests.at(-1)?.headers.get(name))
  return { seller, client, response, name, header }
}

/** Presents a payment to a new seller of the same offer, with something changed, and tells why it is refused. */
async function present(
  header: string,
  offer: Offer,
  change: (payment: { payload: Payload; accepted: Payload }) => void,
) {
  const decoded = decodeJsonHeader(header)
  const payment = structuredClone('value' in decoded ? decoded.value : {}) as { payload: Payload; accepted: Payload }
  change(payment)
  const seller = createSeller({ accepts: [offer] })
  const response = await seller.fetch(seller.url, { headers: { 'payment-signature': encodeJsonHeader(payment) } })
  const refused = decodeJsonHeader(response.headers.get('payment-required') ?? '')
  const reason = 'value' in refused ? refused.value['error'] : undefined
  return { status: response.status, reason, payments: seller.payments }
}

describe.each(Object.entries({ ...kinds, ...permit2 }))('a payment by %s', (name, offer) => {
  const kind = name in schemes ? (name as keyof typeof schemes) : 'exact on EVM'

  it('is taken once, with a true receipt', async () => {
    const { seller, client, response } = await payOnce(kind, offer)
    expect(response.status).toBe(200)
    expect(seller.payments).toMatchObject([
      { state: 'settled', signature: 'valid', amount: 10_000n, taken: 10_000n, presented: 1, reason: undefined },
    ])
    const [entry] = await client.payments()
    expect(entry).toMatchObject({ money: 'settled', payer: seller.payments[0]?.payer })
    expect(entry?.transaction).toBe(seller.payments[0]?.transaction)
  })

  it('is refused when it comes again, or is served again where the seller redelivers', async () => {
    const { seller, header } = await payOnce(kind, offer)
    const again = await seller.fetch(seller.url, { headers: { 'payment-signature': header } })
    expect(again.status).toBe(402)
    expect(seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n, presented: 2 }])
    const kind2 = createSeller({ accepts: [offer], redelivers: true })
    for (let turn = 0; turn < 2; turn++) {
      const served = await kind2.fetch(kind2.url, { headers: { 'payment-signature': header } })
      expect(served.status).toBe(200)
    }
    expect(kind2.payments).toMatchObject([{ state: 'settled', taken: 10_000n, presented: 2 }])
  })

  it('is taken once of two requests at once', async () => {
    const { header } = await payOnce(kind, offer)
    const seller = createSeller({ accepts: [offer] })
    const present = () => seller.fetch(seller.url, { headers: { 'payment-signature': header } })
    const statuses = (await Promise.all([present(), present()])).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 402])
  })

  it('is refused for other terms than those of the seller', async () => {
    const { header } = await payOnce(kind, offer)
    const found = await present(header, { ...offer, amount: '10001' }, () => undefined)
    expect(found).toMatchObject({ status: 402, reason: 'No matching payment requirements' })
    expect(found.payments).toMatchObject([{ state: 'refused', amount: 0n }])
    // The echo says that it is for these terms, and what was signed says otherwise.
    const lie = await present(header, { ...offer, amount: '10001' }, ({ accepted }) =>
      Object.assign(accepted, { amount: '10001' }),
    )
    expect(lie.reason).toMatch(/amount|value/)
    const other = await present(header, offer, (payment) => Object.assign(payment, { payload: { hello: {} } }))
    expect(other).toMatchObject({ status: 402, reason: 'invalid_payload' })
  })
})

describe('a forged payment', () => {
  const signEvm = async () => (await payOnce('exact on EVM', {})).header
  const authorizationOf = ({ payload }: { payload: Payload }) => payload['authorization'] ?? {}

  it.each([
    ['amount', { value: '9999' }, 'invalid_exact_evm_payload_authorization_value_mismatch'],
    ['recipient', { to: testAccounts.evm.address }, 'invalid_exact_evm_recipient_mismatch'],
    ['end', { validBefore: '1' }, 'invalid_exact_evm_payload_authorization_valid_before'],
    ['start', { validAfter: '9999999999' }, 'invalid_exact_evm_payload_authorization_valid_after'],
    ['later end', { validBefore: '9999999999' }, 'invalid_exact_evm_signature'],
    ['nonce', { nonce: `0x${'12'.repeat(32)}` }, 'invalid_exact_evm_signature'],
    ['payer', { from: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' }, 'invalid_exact_evm_signature'],
  ])('is refused for its %s', async (_, changes, reason) => {
    const found = await present(await signEvm(), {}, (payment) => Object.assign(authorizationOf(payment), changes))
    expect(found).toMatchObject({ status: 402, reason })
    expect(found.payments).toMatchObject([{ state: 'refused', reason }])
  })

  it('is refused where another token’s domain was signed', async () => {
    const found = await present(await signEvm(), { extra: { name: 'USD Coin' } }, ({ accepted }) =>
      Object.assign(accepted['extra'] ?? {}, { name: 'USD Coin' }),
    )
    expect(found.reason).toBe('invalid_exact_evm_signature')
  })

  it('is refused through Permit2', async () => {
    const { header } = await payOnce('exact on EVM', permit2['exact through Permit2'])
    const found = await present(header, permit2['exact through Permit2'], ({ payload }) =>
      Object.assign(payload['permit2Authorization'] ?? {}, { nonce: '7' }),
    )
    expect(found.reason).toBe('invalid_permit2_signature')
  })

  it('is refused on Solana', async () => {
    const { header } = await payOnce('exact on Solana', kinds['exact on Solana'])
    const found = await present(header, kinds['exact on Solana'], (payment) => {
      const bytes = Buffer.from(String(payment.payload['transaction']), 'base64')
      // In the buyer's signature, which follows the place of the fee payer's.
      bytes[70] = (bytes[70] ?? 0) ^ 1
      Object.assign(payment.payload, { transaction: bytes.toString('base64') })
    })
    expect(found.reason).toBe('invalid_exact_svm_transaction_simulation_failed')
  })

  it('is refused where its header is none', async () => {
    const seller = createSeller()
    const response = await seller.fetch(seller.url, { headers: { 'payment-signature': 'nonsense' } })
    expect(response.status).toBe(402)
    expect(seller.payments).toMatchObject([{ state: 'refused', terms: undefined }])
  })

  it('isn’t looked at in the header of the other protocol', async () => {
    const { header } = await payOnce('exact on EVM', {})
    const seller = createSeller({ x402Version: 1 })
    expect((await seller.fetch(seller.url, { headers: { 'payment-signature': header } })).status).toBe(402)
    expect((await seller.fetch(seller.url, { headers: { 'x-payment': header } })).status).toBe(402)
    expect(seller.payments).toMatchObject([{ state: 'refused', reason: 'No matching payment requirements' }])
  })
})

it('a payment of protocol 1 is taken', async () => {
  const { seller, response } = await payOnce('exact on EVM', {}, 1)
  expect(seller.payments).toMatchObject([{ state: 'settled', signature: 'valid' }])
  expect(decodeJsonHeader(String(response.headers.get('x-payment-response')))).toMatchObject({
    value: { network: 'base-sepolia', success: true },
  })
})

it('a payment is valid by the seller’s clock', async () => {
  const clock = createManualClock()
  const seller = createSeller({ clock })
  const { paidFetch } = createBuyer(seller, new ExactEvmScheme(account), { clock })
  expect((await paidFetch(`${seller.url}/now`)).status).toBe(200)
  const late = createBuyer(seller, new ExactEvmScheme(account), { clock: createManualClock(1_699_990_000) })
  await expect(late.paidFetch(`${seller.url}/later`)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED' })
  expect(seller.payments).toMatchObject([
    { state: 'settled' },
    { state: 'refused', reason: 'invalid_exact_evm_payload_authorization_valid_before' },
  ])
})

it('the official client pays it', async () => {
  const seller = createSeller({ answer: 'bought' })
  const buyer = privateKeyToAccount(generatePrivateKey())
  const paidFetch = wrapOfficially(
    seller.fetch,
    new OfficialClient().register('eip155:84532', new OfficialScheme(buyer)),
  )
  expect(await (await paidFetch(seller.url)).text()).toBe('bought')
  expect(seller.payments).toMatchObject([{ state: 'settled', payer: buyer.address, signature: 'valid' }])
})

it.each([1, 2] as const)(
  'takes prepaid payments on Solana in protocol %s, which echo no blockhash',
  async (x402Version) => {
    const seller = createSeller({ accepts: [{ network: DEVNET }], x402Version })
    const { paidFetch } = createBuyer(seller, new TestScheme(), { prepay: [{ route: seller.url }] })
    for (let call = 0; call < 3; call++) expect((await paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests).toHaveLength(4)
  },
)
