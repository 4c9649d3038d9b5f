import axios from 'axios'
import ky from 'ky'
import { describe, expect, onTestFinished, test } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import { paymentOf } from '../../../src/index.js'
import { wrapKyWithPayment } from '../../../src/ky/index.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { plainToken } from '../../support/chain/deploy-permit2.js'
import { permit2Price } from '../../support/chain/official-permit2-seller.js'
import { testUsdAbi } from '../../support/chain/test-usd-abi.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'
import { openPermit2Place, type Permit2Place } from './open-permit2-place.js'

const dollar = 1_000_000n

let chain: Permit2Place['chain']
let seller: Permit2Place['seller']
openPermit2Place((place) => {
  chain = place.chain
  seller = place.seller
})

type Buyer = Awaited<ReturnType<typeof createPermit2Buyer>>

/** Pays for several things at once, and tells where the money of each is. */
async function buyAll(buyer: Buyer, paths: readonly string[]) {
  const responses = await Promise.all(paths.map((path) => buyer.fetch(`${seller.url}${path}`)))
  return responses.map((response) => paymentOf(response)?.money)
}

const permitsOf = ({ owner }: Buyer) =>
  chain.publicClient.readContract({ address: chain.usdc, abi: testUsdAbi, functionName: 'nonces', args: [owner] })

describe.each(ledgers)('several sponsored payments at once from one wallet%s', (_ledger, createLedger) => {
  test.each<[what: string, paths: string[], taken: bigint, permits: bigint]>([
    ['two by a permit', ['/exact/permit?1', '/exact/permit?2'], 20_000n, 2n],
    ['two of the same by a permit', ['/exact/permit', '/exact/permit'], 20_000n, 2n],
    ['one by each scheme', ['/exact/permit', '/upto/permit?charge=10000'], 20_000n, 2n],
    ['one by each scheme, the metered one first', ['/upto/permit?charge=10000', '/exact/permit'], 20_000n, 2n],
    ['one by a permit and one by an approval', ['/exact/permit', '/exact/approval'], 20_000n, 1n],
    ['four by a permit', ['1', '2', '3', '4'].map((what) => `/exact/permit?${what}`), 40_000n, 4n],
  ])('%s: all settle', async (_what, paths, taken, permits) => {
    const buyer = await createPermit2Buyer(chain, { client: { ledger: createLedger() } })
    expect(new Set(await buyAll(buyer, paths))).toEqual(new Set(['settled']))
    expect(await buyer.balance()).toBe(dollar - taken)
    expect([await permitsOf(buyer), await buyer.allowance()]).toEqual([permits, 0n])
  })

  test('one through each door: all settle', async () => {
    const buyer = await createPermit2Buyer(chain, { client: { ledger: createLedger() } })
    const url = `${seller.url}/exact/permit`
    const responses = await Promise.all([
      buyer.fetch(url),
      wrapKyWithPayment(ky, buyer.client).get(url),
      wrapAxiosWithPayment(axios.create(), buyer.client).get(url),
    ])
    expect(responses.map((response) => paymentOf(response)?.money)).toEqual(['settled', 'settled', 'settled'])
    expect([await buyer.balance(), await permitsOf(buyer)]).toEqual([dollar - 3n * permit2Price, 3n])
  })

  test('two by an approval: both settle, each with a number of its own', async () => {
    const buyer = await createPermit2Buyer(chain, { client: { ledger: createLedger() } })
    expect(await buyAll(buyer, ['/plain/approval?1', '/plain/approval?2'])).toEqual(['settled', 'settled'])
    expect(await buyer.balance(plainToken)).toBe(dollar - 2n * permit2Price)
    expect([await buyer.transactions(), await buyer.allowance(plainToken)]).toEqual([2, 0n])
  })

  test('two by an approval in two tokens: both settle, since the number is the account’s', async () => {
    const buyer = await createPermit2Buyer(chain, { client: { ledger: createLedger() } })
    expect(await buyAll(buyer, ['/plain/approval', '/exact/approval'])).toEqual(['settled', 'settled'])
    expect([await buyer.balance(plainToken), await buyer.balance()]).toEqual([990_000n, 990_000n])
    expect(await buyer.transactions()).toBe(2)
  })

  test('two where one is allowed: the first takes it, the second signs a permit once it is taken', async () => {
    const buyer = await createPermit2Buyer(chain, { client: { ledger: createLedger() } })
    await buyer.approve(permit2Price)
    expect(await buyAll(buyer, ['/exact/permit?1', '/exact/permit?2'])).toEqual(['settled', 'settled'])
    expect([await buyer.balance(), await permitsOf(buyer)]).toEqual([dollar - 2n * permit2Price, 1n])
  })

  test('two where both are allowed: neither signs an allowance, neither waits', async () => {
    const buyer = await createPermit2Buyer(chain, { client: { ledger: createLedger() } })
    await buyer.approve(2n * permit2Price)
    expect(await buyAll(buyer, ['/exact/permit?1', '/exact/permit?2'])).toEqual(['settled', 'settled'])
    expect([await buyer.balance(), await permitsOf(buyer)]).toEqual([dollar - 2n * permit2Price, 0n])
  })
})

describe('a sponsored payment after one that its seller doesn’t settle', () => {
  /** A seller that takes permits, settles nothing, and responds with this status. */
  async function openIdler(status: number) {
    const terms = await fetch(`${seller.url}/exact/permit`)
    const required: object = JSON.parse(Buffer.from(terms.headers.get('payment-required') ?? '', 'base64').toString())
    return openSeller(({ payment }, response) => {
      if (payment === undefined) return askToPay(response, required)
      response.writeHead(status)
      response.end('nothing here')
    })
  }

  const nowSeconds = () => Math.floor(Date.now() / 1000)

  test.each<[what: string, path: string]>([
    ['after a 404', ''],
    ['after a charge of zero', '/upto/permit?charge=0'],
  ])('waits for nothing %s, and is paid by the same number', async (_what, path) => {
    const idler = await openIdler(404)
    const clock = createBriskClock(nowSeconds())
    const buyer = await createPermit2Buyer(chain, { client: { clock } })
    await buyer.fetch(path === '' ? idler.url : `${seller.url}${path}`)
    const response = await buyer.fetch(`${seller.url}/exact/permit`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect([await buyer.balance(), await permitsOf(buyer), clock.pausesMs]).toEqual([dollar - permit2Price, 1n, []])
    // What the first seller holds is counted until it is dead.
    expect(await buyer.client.inDoubt()).toMatchObject([{ money: 'in-doubt', allowances: [{ amount: '10000' }] }])
  })

  test('waits half a minute at most after a 500, which may be settled yet', async () => {
    const idler = await openIdler(500)
    const clock = createManualClock(nowSeconds())
    const buyer = await createPermit2Buyer(chain, { client: { clock } })
    await buyer.fetch(idler.url)
    const turning = setInterval(() => clock.advance(5), 100)
    onTestFinished(() => clearInterval(turning))
    const response = await buyer.fetch(`${seller.url}/exact/permit`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect([await buyer.balance(), await permitsOf(buyer)]).toEqual([dollar - permit2Price, 1n])
  })

  test('ends its wait when it is aborted: nothing is signed, and nothing held', async () => {
    const idler = await openIdler(500)
    const buyer = await createPermit2Buyer(chain)
    await buyer.fetch(idler.url)
    const signal = AbortSignal.timeout(700)
    const error = await refusalOf(buyer.fetch(`${seller.url}/exact/permit`, { signal }))
    expect(error).toMatchObject({ code: 'ABORTED', money: 'untouched' })
    expect(await buyer.client.payments()).toMatchObject([{ money: 'released' }, { money: 'in-doubt' }])
  })

  test('in a token of its own: waits for nothing', async () => {
    const idler = await openIdler(500)
    const clock = createBriskClock(nowSeconds())
    const buyer = await createPermit2Buyer(chain, { client: { clock } })
    await buyer.fetch(idler.url)
    const before = [...clock.pausesMs]
    const response = await buyer.fetch(`${seller.url}/plain/approval`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect(clock.pausesMs).toEqual(before)
  })
})
