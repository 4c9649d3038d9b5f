import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, describe, expect, it } from 'vitest'
import { type EvmProvider, ExactEvmScheme } from '../../../schemes/evm/index.js'
import { payFrom } from '../../../src/client/pay-from.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createOffer, NETWORK, sell } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'
import { askFor } from '../flow/ask-for.js'
import { createScheme } from '../flow/create-scheme.js'

const daily = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const savings = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const url = 'https://api.example.com/report'

let seller: Seller | undefined
afterEach(() => seller?.stop())

/** Two accounts of ours; what each holds where `balances` says so, else no chain can be asked. */
function createAccounts(balances?: readonly [daily: bigint | Error, savings: bigint | Error]) {
  const [one, other] = [daily, savings].map((account, index) => {
    const balance = balances?.[index]
    const rpc = balance === undefined ? {} : { [NETWORK]: createNode(balance) }
    return new ExactEvmScheme(account, { rpc })
  })
  if (one === undefined || other === undefined) throw new Error('two accounts make two schemes')
  return [one, other] as const
}

function createNode(balance: bigint | Error): EvmProvider {
  return {
    async request({ method }) {
      if (balance instanceof Error) throw balance
      return method === 'eth_chainId' ? '0x14a34' : `0x${balance.toString(16).padStart(64, '0')}`
    },
  }
}

async function payerOf(scheme: SchemeNetworkClient, offer = createOffer()) {
  const client = new x402Client().register('eip155:*', scheme)
  const { payload } = await client.createPaymentPayload(askFor([offer]), { url })
  return Reflect.get(new Object(payload['authorization']), 'from')
}

describe("payFrom: with 'funded'", () => {
  it.each([
    ['the first that holds enough', [9_999n, 10_000n], savings],
    ['the first of two that hold enough', [10_000n, 10_000n], daily],
    ['one that is known to hold enough before one of which nothing is known', [new Error('down'), 10_000n], savings],
    ['one of which nothing is known before one that holds too little', [0n, new Error('down')], savings],
    ['the first, when all hold too little', [0n, 0n], daily],
  ] as const)('pays from %s', async (_what, balances, expected) => {
    expect(await payerOf(payFrom(createAccounts(balances)))).toBe(expected.address)
  })

  it('pays from the first, when no chain can be asked', async () => {
    expect(await payerOf(payFrom(createAccounts()))).toBe(daily.address)
  })
})

describe('payFrom: with a rule', () => {
  it('pays from the account that it names, in any case of its letters', async () => {
    const scheme = payFrom(createAccounts(), {
      pays: async ({ amount }, [small = '', large = '']) => (BigInt(amount) < 50_000n ? small : large.toLowerCase()),
    })
    expect(await payerOf(scheme)).toBe(daily.address)
    expect(await payerOf(scheme, createOffer({ amount: '50000' }))).toBe(savings.address)
  })

  it('shows it only accounts that can sign: none pays itself', async () => {
    const shown: (readonly string[])[] = []
    const pays = (_terms: unknown, payers: readonly string[]) => {
      shown.push(payers)
      return payers[0] ?? ''
    }
    expect(await payerOf(payFrom(createAccounts(), { pays }), createOffer({ payTo: daily.address }))).toBe(
      savings.address,
    )
    expect(shown).toEqual([[savings.address]])
  })

  it.each([
    ['names nobody', () => undefined],
    ['names a stranger', () => `0x${'66'.repeat(20)}`],
    ['throws', () => Promise.reject(new Error('no idea'))],
  ])('error: POLICY_FAILED when it %s, and nothing is signed', async (_what, pays) => {
    const scheme: SchemeNetworkClient = Reflect.apply(payFrom, undefined, [createAccounts(), { pays }])
    await expect(payerOf(scheme)).rejects.toMatchObject({ code: 'POLICY_FAILED', money: 'untouched' })
  })

  it('is asked once, before who approves, who is shown its answer and signs nothing else', async () => {
    const order: unknown[] = []
    const pays = () => {
      order.push('rule')
      // Another answer each time, as a rule by balance or by turns gives.
      return order.length % 2 === 1 ? savings.address : daily.address
    }
    const approve = ({ payer }: ApprovalRequest) => order.push(payer) > 0
    const client = new x402Client({ limits: { approve } }).register('eip155:*', payFrom(createAccounts(), { pays }))
    const { payload } = await client.createPaymentPayload(askFor(), { url })
    expect(order).toEqual(['rule', savings.address])
    expect(payload['authorization']).toMatchObject({ from: savings.address })
    expect(await client.payments()).toMatchObject([{ payer: savings.address }])
  })
})

describe('payFrom', () => {
  it('presents a lost payment again from the account that made it, whatever the rule says by then', async () => {
    let isLost = true
    seller = await startSeller((request, response) => {
      if (request.payment !== undefined && isLost) response.destroy()
      else sell(request, response)
    })
    let payer = savings.address
    const client = new x402Client({ ledger: createMemoryLedger() }).register(
      'eip155:*',
      payFrom(createAccounts(), { pays: () => payer }),
    )
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const once = { x402: { redeliver: 'never' } } as const
    await expect(paidFetch(seller.url, once)).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    payer = daily.address
    isLost = false
    const response = await paidFetch(seller.url, once)
    expect(paymentOf(response)).toMatchObject({ money: 'settled', terms: { payer: savings.address } })
    expect(seller.authorizations().size).toBe(1)
  })

  it('asks the chain of the account that paid what became of a payment', async () => {
    const [one, other] = createAccounts()
    const asked: unknown[] = []
    const watch = (scheme: ExactEvmScheme) =>
      Object.assign(scheme, {
        canReconcile: () => true,
        async reconcile({ payer }: { payer: string }) {
          asked.push([scheme.payer, payer])
          return { verdict: 'spent' } as const
        },
      })
    const watched = [watch(one), watch(other)] as const
    const client = new x402Client().register('eip155:*', payFrom(watched, { pays: () => savings.address }))
    await client.createPaymentPayload(askFor(), { url })
    expect(await client.reconcile()).toMatchObject([{ money: 'settled' }])
    expect(asked).toEqual([[savings.address, savings.address]])
  })

  it('keeps an offer that any of its accounts can fund', async () => {
    const client = new x402Client({ prefer: { funded: true } }).register(
      'eip155:*',
      payFrom(createAccounts([0n, 10_000n])),
    )
    await expect(client.createPaymentPayload(askFor(), { url })).resolves.toBeDefined()
  })

  it('leaves out an offer that none of its accounts can fund', async () => {
    const client = new x402Client({ prefer: { funded: true } }).register('eip155:*', payFrom(createAccounts([0n, 0n])))
    await expect(client.createPaymentPayload(askFor(), { url })).rejects.toMatchObject({ code: 'NO_PAYABLE_OFFER' })
  })

  it('pays with a scheme from elsewhere that knows nothing of it', async () => {
    const foreign = (payer: string) =>
      createScheme({ payer, createPaymentPayload: async () => ({ x402Version: 2, payload: { payer } }) })
    const scheme = payFrom([foreign('ada'), foreign('bob')], { pays: (_terms, payers) => payers[1] ?? '' })
    const client = new x402Client().register('eip155:*', scheme)
    expect(await client.createPaymentPayload(askFor(), { url })).toMatchObject({ payload: { payer: 'bob' } })
  })

  it.each([
    ['there are none', []],
    ['one is no scheme', [createScheme(), {}]],
    ['it is no list', createScheme()],
    ['one names no payer', [createScheme(), createScheme({ payer: undefined })]],
    [
      'two pay from one account',
      [createScheme({ payer: daily.address }), createScheme({ payer: daily.address.toLowerCase() })],
    ],
    ['they are of two kinds', [createScheme({ payer: 'ada' }), createScheme({ payer: 'bob', scheme: 'upto' })]],
  ])('error: INVALID_SCHEME when %s', (_what, accounts) => {
    const make = () => Reflect.apply(payFrom, undefined, [accounts])
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_SCHEME', money: 'untouched' }))
  })

  it.each([
    ['INVALID_OPTION', { pays: 'cheapest' }],
    ['UNKNOWN_OPTION', { payer: daily.address }],
  ])('error: %s when the options are %j', (code, options) => {
    const make = () => Reflect.apply(payFrom, undefined, [createAccounts(), options])
    expect(make).toThrow(expect.objectContaining({ code }))
  })
})
