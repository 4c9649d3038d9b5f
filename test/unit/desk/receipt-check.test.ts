import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { ReceiptVerdict, SchemeNetworkClient } from '../../../src/payment/scheme.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { inTurn, type PaidAnswer } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, NETWORK, PAY_TO, TRANSACTION, USDC } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { createScheme } from '../flow/create-scheme.js'
import { refusalOf } from '../flow/refusal-of.js'

const OTHER = `0x${'0e'.repeat(32)}`

/** Answers with a receipt, or with any header in its place. */
const answers = (receipt: object | string | undefined, status = 200): PaidAnswer => {
  const header = typeof receipt === 'object' ? encodeJsonHeader({ network: NETWORK, ...receipt }) : receipt
  return (_request, response) => {
    if (header !== undefined) response.setHeader('payment-response', header)
    response.writeHead(status).end('bought')
  }
}
const good = answers({ success: true, transaction: TRANSACTION })
/** Names a transaction, and a payer that isn't ours. */
const doubtful = answers({ success: true, transaction: TRANSACTION, payer: 'somebody else' })

const settled = (amount: bigint, final = true): ReceiptVerdict => ({ verdict: 'settled', amount, final })

type Setting = ClientOptions & {
  answer?: PaidAnswer
  scheme?: Partial<SchemeNetworkClient>
  /** How long after the payment it is asked about, in seconds. @default a minute after its end */
  later?: number
}

/** One purchase of a cent, and a chain that the test speaks for. */
async function buy({ answer = good, scheme = {}, later = 120, ...options }: Setting = {}) {
  const clock = createBriskClock()
  const chain = { says: { verdict: 'unknown', because: 'it is asleep' } as ReceiptVerdict, asked: [] as unknown[] }
  const signer = createScheme({
    describe: () => ({
      payer: 'buyer',
      payTo: PAY_TO,
      asset: USDC,
      amount: 10_000n,
      validUntilSeconds: clock.nowSeconds() + 60,
      nonce: '7',
    }),
    async verifyReceipt(described, requirements, transaction) {
      chain.asked.push({ described, requirements, transaction })
      return chain.says
    },
    ...scheme,
  })
  const events: ClientEvent[] = []
  const client = new x402Client({ clock, ledger: createMemoryLedger({ clock }), ...options })
  client.register(NETWORK, signer, { unreadable: 'trust-the-price' })
  const sell = inTurn(answer)
  const terms = createRequired([createOffer({ scheme: signer.scheme })])
  const seller = await openSeller((request, response) =>
    request.payment === undefined ? askToPay(response, terms) : sell(request, response),
  )
  const paidFetch = wrapFetchWithPayment(fetch, client)
  await paidFetch(seller.url)
  clock.advance(later)
  const [id = ''] = (await client.payments()).map((payment) => payment.id)
  client.on('payment', (event) => events.push(event))
  const entry = async () => (await client.payments())[0]
  const perDay = async () => (await client.spending())[0]
  return { client, clock, chain, events, id, entry, perDay, seller, paidFetch }
}

describe('client.verifyReceipt: asks the scheme', () => {
  it('about what was signed, and the transaction that the receipt names', async () => {
    const { client, chain, id } = await buy()
    await client.verifyReceipt(id)
    expect(chain.asked).toMatchObject([
      {
        described: { payer: 'buyer', payTo: PAY_TO, asset: USDC, amount: 10_000n, nonce: '7' },
        requirements: { scheme: 'exact', network: NETWORK, payTo: PAY_TO, amount: '10000' },
        transaction: TRANSACTION,
      },
    ])
  })

  it('about another transaction, when it is given one', async () => {
    const { client, chain, id, entry } = await buy()
    chain.says = settled(10_000n)
    expect(await client.verifyReceipt(id, { transaction: OTHER })).toMatchObject({ transaction: OTHER })
    expect(chain.asked).toMatchObject([{ transaction: OTHER }])
    expect(await entry()).toMatchObject({ money: 'settled', transaction: OTHER })
  })
})

describe('client.verifyReceipt: when the transaction is the payment', () => {
  it('confirms what the receipt settled, and tells it', async () => {
    const { client, chain, id, perDay, events } = await buy()
    chain.says = settled(10_000n)
    const check = await client.verifyReceipt(id)
    expect(check).toEqual({ ...chain.says, id, transaction: TRANSACTION, money: 'settled' })
    expect(Object.isFrozen(check)).toBe(true)
    expect(await perDay()).toMatchObject({ spent: '$0.01', held: '$0.00' })
    // The chain's own word on what was taken is new; the same word again isn't.
    await client.verifyReceipt(id)
    expect(events).toMatchObject([{ type: 'settled', payment: id, money: 'settled', charged: '10000' }])
  })

  it.each([true, false])('settles a payment in doubt (final: %s)', async (final) => {
    const { client, chain, id, entry, perDay, events } = await buy({ answer: doubtful })
    expect(await entry()).toMatchObject({ money: 'in-doubt', transaction: TRANSACTION })
    chain.says = settled(10_000n, final)
    expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'settled', money: 'settled', final })
    expect(await entry()).toMatchObject({ money: 'settled', delivery: 'delivered', transaction: TRANSACTION })
    expect(await perDay()).toMatchObject({ spent: '$0.01', held: '$0.00' })
    expect(events).toMatchObject([{ type: 'settled', payment: id, transaction: TRANSACTION }])
  })

  it('settles a payment whose receipt is malformed, by a transaction that the caller knows', async () => {
    const { client, chain, id, entry } = await buy({ answer: answers('%%%') })
    chain.says = settled(10_000n)
    expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'unknown', money: 'in-doubt' })
    expect(await client.verifyReceipt(id, { transaction: OTHER })).toMatchObject({ money: 'settled' })
    expect(await entry()).toMatchObject({ money: 'settled', transaction: OTHER })
  })

  it('leaves a payment whose answer is lost free to be presented again', async () => {
    const { client, chain, id, seller, paidFetch } = await buy({
      answer: answers({ success: true, transaction: TRANSACTION, payer: 'somebody else' }, 500),
      later: 0,
    })
    chain.says = settled(10_000n)
    await client.verifyReceipt(id)
    await paidFetch(seller.url)
    expect(seller.authorizations().size).toBe(1)
    expect(await client.payments()).toMatchObject([{ id, money: 'settled', delivery: 'lost' }])
  })
})

describe('client.verifyReceipt: when less was taken than was reserved', () => {
  const limits = { perDay: { amount: '$0.02', payments: 5 } }
  const scheme = { scheme: 'upto' }

  it('only that counts from then on, and still as one payment', async () => {
    const { client, chain, id, perDay, entry } = await buy({ limits, scheme, answer: doubtful })
    chain.says = settled(2_500n)
    expect(await client.verifyReceipt(id)).toMatchObject({ amount: 2_500n, money: 'settled' })
    expect(await perDay()).toMatchObject({ spent: '$0.0025', held: '$0.00', left: '$0.0175' })
    expect(await client.spending()).toMatchObject([{}, { limit: 'perDay.payments', left: '4 payments' }])
    expect(await entry()).toMatchObject({ amount: '10000', charged: '2500', exposure: '10000', dollars: '$0.01' })
  })

  it('however often it is asked', async () => {
    const { client, chain, id, perDay } = await buy({ limits, scheme })
    chain.says = settled(2_500n)
    for (let turn = 0; turn < 3; turn++) await client.verifyReceipt(id)
    await Promise.all([client.verifyReceipt(id), client.verifyReceipt(id)])
    expect(await perDay()).toMatchObject({ spent: '$0.0025' })
  })

  it('nothing counts where nothing was taken', async () => {
    const { client, chain, id, perDay } = await buy({ limits, scheme })
    chain.says = settled(0n)
    await client.verifyReceipt(id)
    await client.verifyReceipt(id)
    expect(await perDay()).toMatchObject({ spent: '$0.00' })
  })

  it('all of it stays counted until the block is final', async () => {
    const { client, chain, id, perDay } = await buy({ limits, scheme })
    chain.says = settled(2_500n, false)
    expect(await client.verifyReceipt(id)).toMatchObject({ amount: 2_500n, final: false })
    expect(await perDay()).toMatchObject({ spent: '$0.01' })
    chain.says = settled(2_500n)
    await client.verifyReceipt(id)
    expect(await perDay()).toMatchObject({ spent: '$0.0025' })
  })

  it('it never counts more again, nor more than was reserved', async () => {
    const { client, chain, id, perDay } = await buy({ limits, scheme })
    chain.says = settled(2_500n)
    await client.verifyReceipt(id)
    chain.says = settled(10_000n)
    await client.verifyReceipt(id)
    expect(await perDay()).toMatchObject({ spent: '$0.0025' })
    chain.says = settled(10_001n)
    expect(await client.verifyReceipt(id)).toMatchObject({
      verdict: 'mismatch',
      problems: ['the transaction takes more than the 10000 that were signed'],
    })
    expect(await perDay()).toMatchObject({ spent: '$0.0025' })
  })
})

describe('client.verifyReceipt: before our own clock is a minute past the payment’s end', () => {
  it('all of it stays counted, whatever a final block is said to hold', async () => {
    const { client, clock, chain, id, perDay } = await buy({ scheme: { scheme: 'upto' }, answer: doubtful, later: 0 })
    chain.says = settled(0n)
    for (const seconds of [0, 60, 59]) {
      clock.advance(seconds)
      expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'settled', money: 'settled' })
      expect(await perDay()).toMatchObject({ spent: '$0.01' })
    }
    clock.advance(1)
    await client.verifyReceipt(id)
    expect(await perDay()).toMatchObject({ spent: '$0.00' })
  })
})

describe('client.verifyReceipt: when an exact payment is said to have taken less', () => {
  it('it is another transaction, and all of it stays counted', async () => {
    const { client, chain, id, perDay } = await buy()
    chain.says = settled(2_500n)
    expect(await client.verifyReceipt(id)).toMatchObject({
      verdict: 'mismatch',
      problems: ['the transaction takes less than the 10000 that were signed'],
    })
    expect(await perDay()).toMatchObject({ spent: '$0.01' })
  })
})

describe('client.verifyReceipt and client.reconcile', () => {
  it.each(['verifyReceipt', 'reconcile'] as const)('lower what is counted once, when %s comes first', async (first) => {
    const scheme = {
      scheme: 'upto',
      canReconcile: () => true,
      reconcile: async () => ({ verdict: 'spent', transaction: TRANSACTION, amount: 2_500n }) as const,
    }
    const { client, chain, id, perDay, entry } = await buy({ scheme })
    chain.says = settled(2_500n)
    const asks = [() => client.verifyReceipt(id), () => client.reconcile()]
    for (const ask of first === 'verifyReceipt' ? asks : asks.reverse()) await ask()
    expect(await perDay()).toMatchObject({ spent: '$0.0025' })
    expect(await entry()).toMatchObject({ money: 'settled', charged: '2500' })
  })
})

describe('client.verifyReceipt: when the transaction is not the payment', () => {
  const says: ReceiptVerdict = { verdict: 'mismatch', problems: ['the transaction failed', 'it is late'], final: true }

  it.each([
    ['settled by its receipt', good, 'settled'],
    ['in doubt', doubtful, 'in-doubt'],
  ])('a payment %s stays where it is, counted, and a warning tells', async (_which, answer, money) => {
    const { client, chain, id, entry, perDay, events } = await buy({ answer })
    const before = [await entry(), await perDay()]
    chain.says = says
    expect(await client.verifyReceipt(id)).toEqual({ ...says, id, transaction: TRANSACTION, money })
    expect([await entry(), await perDay()]).toEqual(before)
    const warning = {
      code: 'RECEIPT_MISMATCH',
      message: `The transaction that the receipt of payment ${id} names is not that payment: the transaction failed; it is late.`,
    }
    expect(events).toEqual([{ type: 'warning', atSeconds: expect.any(Number), warning }])
  })
})

describe('client.verifyReceipt: knows nothing and changes nothing', () => {
  const nonsense = { verdict: 'settled', amount: 1, final: true } as unknown

  it.each<[when: string, setting: Setting, because: string]>([
    ['when the receipt is missing', { answer: answers(undefined) }, 'no transaction of it is known'],
    [
      'when the receipt names no transaction yet',
      { answer: answers({ success: true, transaction: '' }) },
      'no transaction of it is known',
    ],
    [
      'when the scheme can’t ask',
      { scheme: { verifyReceipt: undefined as never } },
      'its scheme can’t ask about a transaction',
    ],
    [
      'when the scheme can’t read its own payments',
      { scheme: { scheme: 'tab', describe: undefined as never } },
      'its scheme can’t ask about a transaction',
    ],
    [
      'when the scheme throws',
      { scheme: { verifyReceipt: () => Promise.reject(new Error('offline')) } },
      'the chain could not be asked',
    ],
    [
      'when the scheme answers nothing',
      { scheme: { verifyReceipt: async () => undefined as never } },
      'the chain could not be asked',
    ],
    [
      'when the scheme answers nonsense',
      { scheme: { verifyReceipt: async () => nonsense as ReceiptVerdict } },
      'its scheme gave no answer that can be read',
    ],
    ['when the chain says so', {}, 'it is asleep'],
  ])('%s', async (_when, setting, because) => {
    const { client, id, entry, perDay, events } = await buy(setting)
    const before = { entry: await entry(), perDay: await perDay() }
    const money = before.entry?.money
    expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'unknown', because, money })
    expect({ entry: await entry(), perDay: await perDay() }).toEqual(before)
    expect(events).toEqual([])
  })

  it('warning: LEDGER_BEHIND when what the chain says can’t be written down', async () => {
    const memory = createMemoryLedger()
    const ledger: Ledger = {
      ...memory,
      async note(id, event) {
        if (event.type === 'settled') throw new Error('the disk is full')
        return memory.note(id, event)
      },
    }
    const { client, chain, id, events } = await buy({ answer: doubtful, ledger })
    chain.says = settled(10_000n)
    expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'settled', money: 'in-doubt' })
    expect(events).toMatchObject([{ type: 'warning', warning: { code: 'LEDGER_BEHIND' } }])
  })
})

describe('client.verifyReceipt: refuses', () => {
  it('error: NOT_IN_DOUBT when the ledger holds no such payment, or it was released', async () => {
    const { client } = await buy()
    expect(await refusalOf(client.verifyReceipt('nobody-0'))).toMatchObject({ code: 'NOT_IN_DOUBT' })
    const failing = await buy({ answer: doubtful, scheme: { cancel: async () => ({ transaction: OTHER }) } })
    await failing.client.cancel(failing.id)
    expect(await refusalOf(failing.client.verifyReceipt(failing.id))).toMatchObject({ code: 'NOT_IN_DOUBT' })
  })

  it('error: PAYMENT_NOT_KEPT when the ledger dropped the payment, since it is over', async () => {
    const ledger = createMemoryLedger({ keep: 1 })
    const { client, id } = await buy({ ledger })
    await buy({ ledger })
    const error = await refusalOf(client.verifyReceipt(id))
    expect(error).toMatchObject({ code: 'PAYMENT_NOT_KEPT', money: 'untouched' })
    expect(error).toHaveProperty('message', expect.stringContaining('`createFileLedger`'))
  })

  it.each([{ transaction: 'a sentence' }, { transaction: '' }, { transaction: 7 as never }])(
    'error: INVALID_OPTION for %j, which is no id of any chain',
    async (options) => {
      const { client, chain, id } = await buy()
      expect(await refusalOf(client.verifyReceipt(id, options))).toMatchObject({ code: 'INVALID_OPTION' })
      expect(chain.asked).toEqual([])
    },
  )

  it('error: UNKNOWN_OPTION for an option that it doesn’t have', async () => {
    const { client, id } = await buy()
    const options = { hash: OTHER } as object
    expect(await refusalOf(client.verifyReceipt(id, options))).toMatchObject({ code: 'UNKNOWN_OPTION' })
  })
})
