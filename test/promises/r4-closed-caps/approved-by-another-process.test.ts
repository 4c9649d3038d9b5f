import { expect, it, onTestFinished } from 'vitest'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { startChild } from '../../support/ledger/start-child.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** A seller whose price a test sets, and a file on which processes take turns: one has it at a time, and each is killed once it's done. */
async function open() {
  const path = await createLedgerPath()
  const pricing = { amount: '10000' }
  const seller = await openSeller((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    return askToPay(response, createRequired([createOffer(pricing)]))
  })
  async function run(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const child = await startChild('buy-on-approval', [path, ...args])
    onTestFinished(() => child.kill())
    for await (const line of child.lines) {
      await child.kill()
      return JSON.parse(line)
    }
    throw new Error(`${args.join(' ')} told nothing`)
  }
  return { pricing, seller, run, buy: () => run('buy', seller.url) }
}

const pending = { code: 'APPROVAL_PENDING', money: 'untouched' }

it('a proposal is approved by another process after the first was killed, and a third one pays it, once', async () => {
  const { seller, run, buy } = await open()
  const first = await buy()
  expect(first).toMatchObject(pending)
  expect(await run('approve', String(first['proposal']), 'Ann')).toMatchObject({ state: 'approved', by: 'Ann' })
  expect(await buy()).toMatchObject({ status: 200 })
  expect(await buy()).toMatchObject(pending)
  expect(seller.authorizations().size).toBe(1)
})

it('a proposal that two processes approve is paid once, and its payment says who was first', async () => {
  const { seller, run, buy } = await open()
  const id = String((await buy())['proposal'])
  await run('approve', id, 'Ann')
  expect(await run('approve', id, 'Bob')).toMatchObject({ state: 'approved', by: 'Ann' })
  expect(await buy()).toMatchObject({ status: 200 })
  const payments = [{ money: 'settled', approval: { proposal: id, by: 'Ann' } }]
  expect(await run('approve', id, 'Bob')).toMatchObject({ state: 'used', payments })
  expect(await buy()).toMatchObject(pending)
  expect(seller.authorizations().size).toBe(1)
})

it('terms that changed after the approval are proposed anew, and not paid', async () => {
  const { pricing, seller, run, buy } = await open()
  const id = String((await buy())['proposal'])
  await run('approve', id, 'Ann')
  pricing.amount = '10001'
  const changed = await buy()
  expect(changed).toMatchObject(pending)
  expect(changed['proposal']).not.toBe(id)
  expect(seller.authorizations().size).toBe(0)
})

it('a proposal that another process denied is refused after a restart', async () => {
  const { seller, run, buy } = await open()
  await run('deny', String((await buy())['proposal']), 'Ann')
  expect(await buy()).toMatchObject({ code: 'NOT_APPROVED', money: 'untouched' })
  expect(seller.authorizations().size).toBe(0)
})
