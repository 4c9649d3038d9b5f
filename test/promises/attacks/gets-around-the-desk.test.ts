import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { openDesk } from '../../../src/desk/desk.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createGate } from '../../support/money/create-gate.js'
import { createRequired, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const ann = { by: 'ann@example.com' }
const bob = { by: 'bob@example.com' }

describe('a seller whose goods say "ask once more"', () => {
  it('gets no second payment by a yes to the first that comes late, or twice', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const { paidFetch, signatures } = createBuyer({ ledger, limits: { approve: 'later' } })
    const desk = openDesk(ledger)
    const first = (await refusalOf(paidFetch(seller.url))).facts['proposal'] ?? ''
    await desk.approve(first, ann)
    expect((await paidFetch(seller.url)).status).toBe(200)
    const second = (await refusalOf(paidFetch(seller.url))).facts['proposal'] ?? ''
    // Bob's page is older than the payment.
    expect(await desk.approve(first, bob)).toMatchObject({ id: first, state: 'used' })
    expect(await refusalOf(desk.deny(first, bob))).toMatchObject({ code: 'PROPOSAL_USED' })
    expect(await desk.approvals()).toMatchObject([{ id: second, state: 'pending' }])
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({
      code: 'APPROVAL_PENDING',
      facts: { proposal: second },
    })
    expect(signatures()).toBe(1)
  })
})

describe('ten calls at once that one yes answers', () => {
  it('leave one proposal that waits, and someone is told of it', async () => {
    const seller = await openSeller(sell)
    const ledger = createSlowLedger(createMemoryLedger(), { milliseconds: 2 })
    const { paidFetch, client, signatures } = createBuyer({ ledger, limits: { approve: 'later', askAtMost: 1 } })
    const desk = openDesk(ledger)
    const told: unknown[] = []
    client.on('payment', (event) => event.type === 'proposed' && told.push(event.proposal))
    const first = (await refusalOf(paidFetch(seller.url))).facts['proposal'] ?? ''
    await desk.approve(first, ann)
    await Promise.all(Array.from({ length: 10 }, () => paidFetch(seller.url).catch(() => undefined)))
    const [second] = await desk.approvals({ state: 'pending' })
    expect(told).toEqual([first, second?.id])
    expect(signatures()).toBe(1)
    // It counts as one that waits.
    expect(await refusalOf(paidFetch(`${seller.url}/other`))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
  })
})

describe('a tool that writes what a person reads at the desk', () => {
  it('hides the address that it pays behind no method of its own', async () => {
    const ledger = createMemoryLedger()
    const tool = createBuyer({ ledger, limits: { approve: 'later' } }).client.restrict({})
    for (const method of ['GET https://good.example.com/report?', 'GET\u202e', '', 'G\u001b[31mET', 7 as never]) {
      const begun = tool.begin(createRequired(), { url: 'https://evil.example.com/', method })
      expect(await refusalOf(begun)).toMatchObject({ money: 'untouched' })
    }
    for (const { resource } of await openDesk(ledger).approvals()) expect(resource).toBe('7 https://evil.example.com/')
  })

  it('colors, reverses and floods nothing by its tags', async () => {
    const ledger = createMemoryLedger()
    const tool = createBuyer({ ledger, limits: { approve: 'later' } }).client.restrict({})
    const tags = ['\u001b[31mred\n\u202e', 'x'.repeat(100_000), 'plain']
    await refusalOf(tool.begin(createRequired(), { url: 'https://api.example.com/', tags }))
    const [proposal] = await openDesk(ledger).approvals()
    expect(proposal?.tags).toEqual([' [31mred ', `${'x'.repeat(100)}…`, 'plain'])
  })
})

describe('an agent whose owner replaces hosts at the desk', () => {
  it('asks them again once they are listed again, though it could pay nothing in between', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const { client } = createBuyer({ ledger, limits: { hosts: ['a.example'] } })
    const agentFetch = wrapFetchWithPayment(fetch, client.restrict({}))
    const desk = openDesk(ledger)
    const out = { code: 'HOST_OUT_OF_REACH', money: 'untouched' }
    expect(await refusalOf(agentFetch(seller.url))).toMatchObject(out)
    await desk.limits({ hosts: [new URL(seller.url).host] }, ann)
    expect(await refusalOf(agentFetch(seller.url))).toMatchObject(out)
    const ask = () => agentFetch(seller.url).then(({ status }) => status, Object)
    await expect.poll(ask).toBe(200)
    await desk.limits({ hosts: ['a.example'] }, ann)
    expect(await refusalOf(agentFetch(`${seller.url}/2`))).toMatchObject({ code: 'HOST_NOT_ALLOWED' })
    expect(await refusalOf(agentFetch(`${seller.url}/2`))).toMatchObject(out)
  })
})

describe('a wallet that lets its question wait', () => {
  /** A call whose wallet signs once a test says so, three seconds after it was asked. */
  async function openSlow(ledger: Ledger) {
    const seller = await openSeller(sell)
    const clock = createBriskClock()
    const [asked, answered] = [createGate(), createGate()]
    const signer = {
      address: account.address,
      async signTypedData(...of: Parameters<typeof account.signTypedData>) {
        asked.open()
        await answered.passed
        clock.advance(3)
        return account.signTypedData(...of)
      },
    }
    const client = new x402Client({ ledger, clock }).register('eip155:*', new ExactEvmScheme(signer))
    const paying = refusalOf(wrapFetchWithPayment(fetch, client)(seller.url))
    await asked.passed
    return { seller, client, paying, sign: answered.open }
  }

  it('has nothing leave once its ledger is frozen', async () => {
    const ledger = createMemoryLedger()
    const { seller, client, paying, sign } = await openSlow(ledger)
    await openDesk(ledger).freeze(ann)
    sign()
    expect(await paying).toMatchObject({ code: 'FROZEN', money: 'released' })
    expect(seller.authorizations().size).toBe(0)
    expect(await client.payments()).toMatchObject([{ money: 'released' }])
  })

  it('has nothing leave where its ledger can not say whether it is', async () => {
    const ledger = { ...createMemoryLedger() }
    const { seller, paying, sign } = await openSlow(ledger)
    ledger.get = async () => Promise.reject(new Error('the ledger is away'))
    sign()
    expect(await paying).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'released' })
    expect(seller.authorizations().size).toBe(0)
  })
})
