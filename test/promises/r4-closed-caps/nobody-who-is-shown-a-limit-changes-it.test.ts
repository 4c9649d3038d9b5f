import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Cap, Ledger } from '../../../src/payment/ledger.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import type { TokenAllowance } from '../../../src/payment/scheme.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, deliver, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
const limits = { perDay: '$0.03', approachAt: [0.3] }

describe('R4, nobody who is shown a limit or what is approved can change it:', () => {
  it('a listener that writes into the scope of a limit', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer({ limits })
    let isHeard = false
    client.on('payment', (event) => {
      if (event.type !== 'approach') return
      isHeard = true
      Object.assign(event.scope, { tag: 'nobody' })
    })
    for (let paid = 1; paid <= 3; paid++) await paidFetch(seller.url)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'LIMIT_WINDOW' })
    expect([signatures(), isHeard]).toEqual([3, true])
  })

  it('a ledger that takes the caps off their list', async () => {
    const seller = await openSeller(sell)
    const works = createMemoryLedger()
    const ledger: Ledger = {
      ...works,
      async reserve(draft, caps) {
        return works.reserve(draft, (caps as Cap[]).splice(0))
      },
    }
    const { paidFetch, signatures } = createBuyer({ limits, ledger })
    for (let calls = 1; calls <= 4; calls++) await paidFetch(seller.url).catch(() => undefined)
    expect(signatures()).toBeLessThanOrEqual(3)
  })

  it('an approver of a restricted client that takes what is signed beside the payment out of the request', async () => {
    const extensions = { eip2612GasSponsoring: { info: {} } }
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired(undefined, { extensions }))
      else deliver(response, request)
    })
    const beside = { by: 'eip2612GasSponsoring', asset: '0x1', spender: PERMIT2, amount: '10000' }
    const scheme = Object.assign(new ExactEvmScheme(account), { listAllowances: () => [beside] })
    let shown: readonly TokenAllowance[] = []
    const approve = ({ allowances }: ApprovalRequest) => {
      shown = [...allowances]
      return true
    }
    const agent = new x402Client({ limits: { approve } }).register('eip155:*', scheme).restrict({
      reach: 'anywhere',
      approve({ allowances }) {
        Reflect.set(allowances, 'length', 0)
        return true
      },
    })
    await wrapFetchWithPayment(fetch, agent)(seller.url)
    expect(shown).toEqual([beside])
  })
})
