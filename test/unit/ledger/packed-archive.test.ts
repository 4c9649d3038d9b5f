import { describe, expect, it } from 'vitest'
import { createBook } from '../../../src/ledger/book/book.js'
import { createPackedArchive } from '../../../src/ledger/file/archive.js'
import { openPayment, type Payment } from '../../../src/payment/payment.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { toLedger } from '../../support/ledger/to-ledger.js'

describe('a book whose payments are packed as soon as they are over', () => {
  const contract = ledgerContract(({ clock, random }) => toLedger(createBook(clock, random, createPackedArchive(0))), {
    histories: Number(process.env['FC_RUNS'] ?? 200),
  })
  for (const { name, run } of contract) it(name, run)
})

const over = { state: 'settled', delivery: 'delivered', claimed: false } as const
const bare: Payment = { ...openPayment(createDraft({ terms: { extra: {} } }), 'a-0', 1_700_000_000), ...over }

/** What a payment may have that no case of the contract has. */
const CASES: Readonly<Record<string, Partial<Payment>>> = {
  'nothing that is optional': { payer: undefined },
  'all that is optional': {
    validUntilSeconds: 1_700_000_600.5,
    nonce: `0x${'0a'.repeat(32)}`,
    transaction: `0x${'ff'.repeat(32)}`,
    allowances: [{ by: 'a', asset: 'b', spender: 'c', amount: '7' }],
    status: 200,
    sellerSaid: 'no',
    forgotten: true,
    charged: 2n ** 200n,
    cancellation: '0x0',
  },
  'someone who approved it': { approval: { proposal: 'a', by: 'Ann', reason: 'needed', atSeconds: 1, use: 'b' } },
  'texts that are almost hex': { nonce: '0xABCDEF', transaction: '0x', sellerSaid: '', cancellation: 'abc' },
  'texts of other scripts, and halves of letters': {
    nonce: 'é',
    transaction: '日本',
    sellerSaid: '\ud800',
    cancellation: '😀',
  },
  'a long text': { sellerSaid: 'x'.repeat(100_000) },
  'names of its own': { call: { ...bare.call, purchase: 'a1', coarse: undefined, tags: ['a', 'b'], isKeyed: true } },
  'another coarse name': { call: { ...bare.call, purchase: '00ff', coarse: '00fe' } },
  'a caller that was sent elsewhere': { call: { ...bare.call, asked: 'GET https://a.example/asked' } },
  'an exposure that nothing read': {
    exposure: 'unread',
    notation: { symbol: undefined, decimals: undefined, isPegged: undefined },
  },
  'no delivery': { state: 'released', delivery: 'none' },
  'an id of another make': { id: '0' },
}

describe('createPackedArchive', () => {
  it.each(Object.entries(CASES))('tells a payment with %s as it was', (_, change) => {
    const archive = createPackedArchive()
    const payment = { ...bare, ...change }
    archive.put(0, bare)
    archive.put(0, payment)
    expect(archive.read?.(0, () => true)).toEqual(payment)
  })

  it('tells thousands of payments apart, whatever many have in common', () => {
    const archive = createPackedArchive()
    const toPayment = (place: number): Payment => ({
      ...bare,
      id: `${place % 3}-${place}`,
      call: { ...bare.call, purchase: place.toString(16).padStart(64, '0'), resource: `https://a.example/${place}` },
      terms: { ...bare.terms, amount: BigInt(place % 4500) },
      charges: [{ unit: 'usd', amount: BigInt(place % 4500) }],
    })
    const payments = Array.from({ length: 5000 }, (_, place) => toPayment(place))
    for (const [place, payment] of payments.entries()) archive.put(place, payment)
    expect(payments.map((_, place) => archive.read?.(place, () => true))).toEqual(payments)
  })
})
