import { expect, it } from 'vitest'
import { payTask, sendMessage } from '../../../docs/examples/a2a/pay-task.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createOfficialResources } from './official-resources.js'
import { type Manners, startAgent } from './start-agent.js'

async function openShop(manners: Manners = {}) {
  const official = await createOfficialResources()
  const { url, payloads } = await startAgent(official, manners)
  return { agent: { url, fetch }, payloads, settled: official.settled }
}

it('the example over A2A: pays an agent for a task, and reads the receipt that fits among those of failed tries', async () => {
  const { agent, settled } = await openShop()
  const { client, records } = createBuyer()
  const asked = await sendMessage(agent, 'An image of a cat')
  expect(await payTask(agent, client.restrict({ total: '$1' }), asked)).toMatchObject({
    task: { status: { state: 'completed' }, artifacts: [{ name: 'image.png' }] },
    payment: { money: 'settled', delivery: 'delivered', receipt: { state: 'verified' } },
  })
  expect(settled).toHaveLength(1)
  expect(await records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
})

it('the example over A2A: waits for an agent that has verified the payment and is still at work', async () => {
  const { agent, settled, payloads } = await openShop({ works: 2 })
  const { client } = createBuyer()
  const { task, payment } = await payTask(agent, client, await sendMessage(agent, 'An image of a dog'))
  expect([task.status.state, payment?.money]).toEqual(['completed', 'settled'])
  expect(settled).toHaveLength(1)
  expect(payloads.length).toBeGreaterThan(1)
})

it('the example over A2A: sends the same payment for the same task after a lost response, also after a restart', async () => {
  const { agent, settled, payloads } = await openShop({ loses: 1 })
  const reopen = await createReopening()
  const first = createBuyer({ ledger: await reopen() })
  const asked = await sendMessage(agent, 'An image of a bird')
  expect(await refusalOf(payTask(agent, first.client, asked))).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  const second = createBuyer({ ledger: await reopen() })
  expect(await payTask(agent, second.client, asked)).toMatchObject({ payment: { money: 'settled' } })
  expect(payloads[1]).toEqual(payloads[0])
  expect(settled).toHaveLength(1)
  expect([first.signatures(), second.signatures()]).toEqual([1, 0])
})

it('the example over A2A: says why an agent takes no payment, and that the money is in doubt', async () => {
  const { agent, settled } = await openShop({ refuses: 'insufficient_funds' })
  const { client, records } = createBuyer()
  const error = await refusalOf(payTask(agent, client, await sendMessage(agent, 'An image of a fish')))
  expect(error).toMatchObject({
    code: 'PAYMENT_REJECTED',
    money: 'in-doubt',
    facts: { 'seller says': '"insufficient_funds"' },
  })
  expect(settled).toEqual([])
  expect(await records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
})

it('the example over A2A: signs nothing for a task that is too dear', async () => {
  const { agent, payloads } = await openShop()
  const { client, signatures } = createBuyer({ limits: { perPayment: '$0.009' } })
  const asked = await sendMessage(agent, 'An image of a horse')
  expect(await refusalOf(payTask(agent, client, asked))).toMatchObject({
    code: 'LIMIT_PER_PAYMENT',
    money: 'untouched',
  })
  expect([payloads.length, signatures()]).toEqual([0, 0])
})
