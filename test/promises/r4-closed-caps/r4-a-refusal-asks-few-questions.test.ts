import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import type { ChainVerdict, Described } from '../../../src/payment/scheme.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { createSent, lost } from '../../../src/testing/ledger/events.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { account } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { NETWORK, PAY_TO, sell, USDC } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** Payments in doubt, a cent each, whose nonces are their numbers. */
async function leaveInDoubt(ledger: Ledger, count: number, validUntilSeconds: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const draft = createDraft({
      call: named(`earlier ${number}`),
      terms: { network: NETWORK, asset: USDC, payTo: PAY_TO, amount: 10_000n },
      payer: account.address,
      charges: [{ unit: 'usd', amount: 10n ** 16n }],
    })
    const reserved = await ledger.reserve(draft, [])
    if (isRefusal(reserved)) throw new Error(`refused by ${reserved.by}`)
    await ledger.note(reserved.id, createSent({ nonce: String(number), validUntilSeconds }))
    await ledger.note(reserved.id, lost)
  }
}

function open(ledger: Ledger, total: string) {
  const clock = createBriskClock()
  const asked: number[] = []
  const dead = new Set<number>()
  const createClient = (canAsk = true) => {
    const scheme = Object.assign(new ExactEvmScheme(account), {
      canReconcile: () => canAsk,
      async reconcile({ nonce }: Described): Promise<ChainVerdict> {
        asked.push(Number(nonce))
        return { verdict: dead.has(Number(nonce)) ? 'unspent-and-dead' : 'unknown' }
      },
    })
    return new x402Client({ clock, ledger, limits: { total, perDay: '$1000' } }).register('eip155:*', scheme)
  }
  return { clock, asked, dead, createClient }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

describe.each(ledgers)('R4, before a limit refuses%s', (name, createLedger) => {
  const MANY = name === '' ? 10_000 : 60

  it(`the chain is asked about 20 of ${MANY} payments in doubt in ten seconds, the oldest first, whichever client asks`, async () => {
    const seller = await openSeller(sell)
    const ledger = createLedger()
    const { clock, asked, createClient } = open(ledger, '$0.01')
    await leaveInDoubt(ledger, MANY, clock.nowSeconds())
    const [first, second, blind] = [createClient(), createClient(), createClient(false)]
    const payers = [
      blind,
      first,
      second,
      first.restrict({ reach: 'anywhere' }),
      second.restrict({ reach: 'anywhere' }).restrict({}),
    ]
    const askAll = () =>
      Promise.all(
        payers.map(async (payer, index) => {
          const paidFetch = wrapFetchWithPayment(fetch, payer)
          for (let call = 0; call < 3; call++) {
            const error = await refusalOf(paidFetch(`${seller.url}/${index}/${call}`))
            expect(error).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
          }
        }),
      )
    await askAll()
    expect(asked.toSorted((one, other) => one - other)).toEqual(numbers(0, 20))
    clock.advance(9)
    await askAll()
    expect(asked).toHaveLength(20)
    clock.advance(1)
    // It's the turn of the next, so that those of which nothing is known don't stand before them for ever.
    await askAll()
    expect(asked.slice(20).toSorted((one, other) => one - other)).toEqual(numbers(20, 40))
  })

  it('what the chain frees makes room for the call that asked', async () => {
    const seller = await openSeller(sell)
    const ledger = createLedger()
    const { clock, asked, dead, createClient } = open(ledger, '$0.30')
    await leaveInDoubt(ledger, 30, clock.nowSeconds() - 600)
    dead.add(7)
    const response = await wrapFetchWithPayment(fetch, createClient())(seller.url)
    expect([response.status, asked.length]).toEqual([200, 20])
  })

  it('client.reconcile() asks about all', async () => {
    const ledger = createLedger()
    const { clock, asked, createClient } = open(ledger, '$9')
    await leaveInDoubt(ledger, 50, clock.nowSeconds())
    await createClient().reconcile()
    expect(new Set(asked).size).toBe(50)
  })
})
