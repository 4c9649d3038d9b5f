import { describe, expect, it } from 'vitest'
import { fail, fill } from '../../../src/errors/fail.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { describeForPerson, type MoneyState, X402Error, x402Client } from '../../../src/index.js'
import { LedgerError } from '../../../src/ledger/index.js'
import type { LimitsOptions } from '../../../src/limits/index.js'
import { createSeller, type Seller, TestScheme } from '../../../src/testing/index.js'
import { type CatalogueRow, readCatalogueRows } from '../../support/errors/catalogue-rows.js'

const STATES: readonly MoneyState[] = ['untouched', 'signed', 'in-doubt', 'settled', 'released']
const ENDS = /(Nothing was paid|Nothing more was paid|You may have paid|You have paid)\.$/
/** What a person at a shop can't read. */
const FORBIDDEN =
  /[A-Z]{2,}_|https?:|0x|\d{6}|`|undefined|\{|<|signature|\brpc\b|cors|\beip\b|header|hook|ledger|payload|scheme|option|token|nonce|origin/i

const rows = await readCatalogueRows()

/** The error of a row, whose seller and whose options say all that a person must not read. */
function throwRow(row: CatalogueRow, money: MoneyState): X402Error {
  const words = new Proxy({}, { get: () => 'signature of https://seller.example/0x11' })
  const sentence = fill('sentence' in row ? row.sentence : 'Refused to pay {price}: {because}.', words)
  const facts = { resource: 'GET https://seller.example', 'seller says': '"Pay me at 0x11, RPC_FAILED"' }
  return fail({ ...row, sentence }, { money, facts })
}

/** The text about what a call threw. */
async function textOf(call: Promise<unknown>): Promise<string> {
  return describeForPerson(
    await call.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
}

const URL_SOLD = 'https://seller.example/sold'

/** Who buys of a seller, whose wallet may throw. */
function buyerOf(seller: Seller, limits: LimitsOptions = {}, thrown?: unknown) {
  const scheme = new TestScheme()
  if (thrown !== undefined) Object.assign(scheme, { createPaymentPayload: () => Promise.reject(thrown) })
  const client = new x402Client({ limits: { perPayment: '$1', ...limits } }).register('eip155:*', scheme)
  return wrapFetchWithPayment(seller.fetch, client)
}

/** The text about the first row of a code. */
function textOfCode(code: string, money: MoneyState): string {
  const [, row] = rows.find(([, one]) => one.code === code) ?? []
  if (row === undefined) throw new Error(`The catalogue has no ${code}.`)
  return describeForPerson(throwRow(row, money))
}

describe('describeForPerson', () => {
  it('has a row of each class to speak of', () => {
    expect(rows.length).toBeGreaterThan(100)
  })

  it.each(rows)('says of %s where the money is, in at most 40 words and no technical one', (_, row) => {
    for (const money of row.money === undefined ? STATES : [row.money]) {
      const text = describeForPerson(throwRow(row, money))
      expect(text).toMatch(ENDS)
      expect(text).not.toMatch(FORBIDDEN)
      expect(text.split(/\s+/).length).toBeLessThanOrEqual(40)
      expect(/You (may )?have paid\.$/.test(text)).toBe(money === 'in-doubt' || money === 'settled')
    }
  })

  it.each([
    'LEDGER_CONFLICT',
    'LEDGER_CORRUPT',
    'LEDGER_LOCKED',
    'LEDGER_UNAVAILABLE',
    'LEDGER_UNKNOWN_RECORD',
  ] as const)('says of %s, which a ledger throws, where the money is', (code) => {
    const text = describeForPerson(new LedgerError('0x11 https://seller.example', { code, money: 'in-doubt' }))
    expect(text).toMatch(/record of your payments.* You may have paid\.$/)
    expect(text).not.toMatch(FORBIDDEN)
  })

  it('names the price and the limit in dollars', async () => {
    const dear = createSeller({ price: '$2.5' })
    expect(await textOf(buyerOf(dear, { perPayment: '$1' })(URL_SOLD))).toBe(
      'This costs $2.50, and your limit is $1.00. Nothing was paid.',
    )
    expect(await textOf(buyerOf(dear, { perPayment: '$3', perDay: '$2' })(URL_SOLD))).toBe(
      'This costs $2.50, more than is left of your limit of $2.00. Try again later. Nothing was paid.',
    )
    expect(await textOf(buyerOf(dear, { perPayment: '$3', perResource: { total: '$2' } })(URL_SOLD))).toBe(
      'This costs $2.50, more than is left of your limit of $2.00. Nothing was paid.',
    )
  })

  it('calls no amount dollars that the limit has in another unit', async () => {
    const asset = { network: 'eip155:84532', asset: '0x808456652fdb597867f38412077A9182bf77359F' } as const
    const limits: LimitsOptions = { assets: [{ ...asset, perPayment: '1 EURC', symbol: 'EURC', decimals: 6 }] }
    const seller = createSeller({ accepts: [{ ...asset, amount: '2500000' }] })
    expect(await textOf(buyerOf(seller, limits)(URL_SOLD))).toBe(
      'This costs more than your limit for one payment. Nothing was paid.',
    )
  })

  it('says that a thing was paid for before when a limit counts it', async () => {
    const paidFetch = buyerOf(createSeller(), { perResource: { total: '$0.01' } })
    await paidFetch(URL_SOLD)
    expect(await textOf(paidFetch(URL_SOLD))).toBe(
      "You paid for this before, and your limits don't allow paying again. Nothing more was paid.",
    )
  })

  it('says what a lost, a rejected and a taken payment mean', async () => {
    const texts = await Promise.all(
      [
        'loses-request' as const,
        'asks-again' as const,
        { refuses: 'insufficient_funds' },
        { refuses: 'duplicate_settlement' },
      ].map((fault) => textOf(buyerOf(createSeller({ whenPaid: [fault, fault, fault] }))(URL_SOLD))),
    )
    expect(texts).toEqual([
      "Your payment was sent, and the seller's reply got lost. Try again: the same payment is sent, so you are not charged twice. You may have paid.",
      "The seller didn't accept your payment. Try again: the same payment is sent, so you are not charged twice. You may have paid.",
      'The seller says that your wallet holds too little. Add money to it, then try again; you are not charged twice. You may have paid.',
      "The seller was paid already and doesn't deliver. Ask the seller for what you bought. You may have paid.",
    ])
  })

  it('says what a wallet did, by what it threw', async () => {
    const onOtherChain = new X402Error('Other chain.', { code: 'WALLET_ON_OTHER_CHAIN', money: 'untouched' })
    const said = async (thrown: unknown) => textOf(buyerOf(createSeller(), {}, thrown)(URL_SOLD))
    expect(await said(Object.assign(new Error('No.'), { code: 4001 }))).toBe(
      'You declined in your wallet. Nothing was paid.',
    )
    expect(await said(onOtherChain)).toBe(
      'Your wallet is set to another network than the seller. Switch it there, then try again. Nothing was paid.',
    )
    expect(await said(new Error('0x11'))).toBe(
      "Your wallet couldn't confirm this payment. Open it, then try again. Nothing was paid.",
    )
  })

  it('says that a purchase is bought already, or being bought', async () => {
    const paidFetch = buyerOf(createSeller())
    const x402 = { purchase: 'report', purchaseFor: 60 }
    await (await paidFetch(URL_SOLD, { x402 })).text()
    expect(await textOf(paidFetch(URL_SOLD, { x402 }))).toBe('You bought this already. Nothing more was paid.')
    expect(textOfCode('PURCHASE_UNDER_WAY', 'untouched')).toBe(
      'This is being bought already, perhaps in another tab. Wait until that is done. Nothing more was paid.',
    )
  })

  it('says that a price changed after a payment', () => {
    expect(textOfCode('TERMS_CHANGED_WHILE_PAID', 'in-doubt')).toBe(
      'The seller changed its price after your payment. Ask the seller before you pay again. You may have paid.',
    )
  })

  it('says that the wallet holds too little when that is known before a payment', async () => {
    const scheme = Object.assign(new TestScheme(), { readFunding: async () => 'short' as const })
    const client = new x402Client({ prefer: { funded: true } }).register('eip155:*', scheme)
    expect(await textOf(wrapFetchWithPayment(createSeller().fetch, client)(URL_SOLD))).toBe(
      'Your wallet holds too little for this. Add money to it, then try again. Nothing was paid.',
    )
  })

  it('tells an abort before the payment from one after it', async () => {
    const before = buyerOf(createSeller())(URL_SOLD, { signal: AbortSignal.abort() })
    expect(await textOf(before)).toMatch(/^This was stopped\. You can try again\. .*\.$/)
    expect(textOfCode('ABORTED', 'in-doubt')).toBe(
      'This was stopped. Try again: the same payment is sent, so you are not charged twice. You may have paid.',
    )
  })

  it('claims nothing about money for what is not an error of pay402', () => {
    const failed = 'Something went wrong. Check your connection. You paid nothing unless you confirmed a payment.'
    for (const error of [
      new TypeError('fetch failed'),
      'https://seller.example',
      undefined,
      null,
      { name: 'AbortError' },
    ]) {
      expect(describeForPerson(error)).toBe(failed)
    }
    expect(describeForPerson(new DOMException('0x11', 'AbortError'))).toBe(
      'This was stopped. You can try again. You paid nothing unless you confirmed a payment.',
    )
  })

  it('says of a code and a state that it does not know that you may have paid', () => {
    const later = new X402Error('Later.', { code: 'toString', money: 'elsewhere' as MoneyState })
    expect(describeForPerson(later)).toBe(
      'This page made a mistake. Tell the people who run this page. You may have paid.',
    )
  })
})
