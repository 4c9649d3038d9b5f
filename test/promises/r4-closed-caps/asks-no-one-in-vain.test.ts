import { expect, it } from 'vitest'
import { openDesk } from '../../../src/desk/desk.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { KeptLimits } from '../../../src/limits/held/replaced-limits.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const ann = { by: 'ann@example.com' }
const refused = (code: string) => ({ name: 'LimitError', code, money: 'untouched' })

throughEveryDoor('proposes nothing while the ledger is frozen, and the same call goes on after', async (door) => {
  const seller = await door.open(sell)
  const shopper = door.shop({ limits: { approve: 'later' }, ledger: createMemoryLedger() })
  const desk = openDesk(shopper.ledger)
  await desk.freeze(ann)
  expect(await shopper.refusal(seller.url)).toMatchObject(refused('FROZEN'))
  expect(await desk.approvals()).toEqual([])
  await desk.thaw(ann)
  const { facts } = await shopper.refusal(seller.url)
  await desk.approve(facts['proposal'] ?? '', ann)
  expect((await shopper.request(seller.url)).status).toBe(200)
})

it.each<[string, KeptLimits]>([
  ['LIMIT_PER_PAYMENT', { perPayment: '$0.005' }],
  ['LIMIT_WINDOW', { perDay: '$0.005' }],
  ['HOST_NOT_ALLOWED', { hosts: ['api.example.com'] }],
])(
  'error: %s when limits of a desk refuse what would have to be approved, and nothing is proposed',
  async (code, limits) => {
    const seller = await openSeller(sell)
    const { paidFetch, client, ledger } = createBuyer({ limits: { approve: 'later' } })
    const desk = openDesk(ledger)
    await desk.limits(limits, ann)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject(refused(code))
    expect(await refusalOf(client.propose(seller.url))).toMatchObject(refused(code))
    expect(await desk.approvals()).toEqual([])
  },
)

it.each([
  ['LIMIT_WINDOW', { perDay: '$0.015' }],
  ['LIMIT_TOTAL', { total: '$0.015' }],
  ['LIMIT_COUNT', { total: { payments: 1 } }],
])('error: %s when what was spent leaves no room, and neither a function nor a desk is asked', async (code, limits) => {
  const seller = await openSeller(sell)
  let questions = 0
  const approve = () => {
    questions++
    return true
  }
  const { paidFetch, client, ledger, signatures } = createBuyer({ limits: { ...limits, approve } })
  expect((await paidFetch(`${seller.url}/1`)).status).toBe(200)
  expect(await refusalOf(paidFetch(`${seller.url}/2`))).toMatchObject(refused(code))
  expect(questions).toBe(1)
  const agent = createBuyer({ ledger, limits: { ...limits, approve: 'later' } })
  expect(await refusalOf(agent.paidFetch(`${seller.url}/3`))).toMatchObject(refused(code))
  expect(await refusalOf(client.propose(`${seller.url}/4`))).toMatchObject(refused(code))
  expect(await openDesk(ledger).approvals()).toEqual([])
  expect(signatures()).toBe(1)
})

it('asks by wider limits of a desk as soon as they hold, ahead of the call as well', async () => {
  const seller = await openSeller(sell)
  const { paidFetch, client, ledger } = createBuyer({ limits: { approve: 'later', perPayment: '$0.005' } })
  const desk = openDesk(ledger)
  expect(await refusalOf(client.propose(seller.url))).toMatchObject(refused('LIMIT_PER_PAYMENT'))
  await desk.limits({ perPayment: '$1' }, ann)
  const { id } = await client.propose(seller.url)
  await desk.approve(id, ann)
  expect((await paidFetch(seller.url)).status).toBe(200)
})
