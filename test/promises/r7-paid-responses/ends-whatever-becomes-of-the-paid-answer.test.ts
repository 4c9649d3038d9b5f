import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { tellSteps } from '../../support/ledger/tell-steps.js'
import { startToDeliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'

/** What each step of the ledger takes, in milliseconds: of one in memory, and of one on a disk. */
const STEPS_MS = [0, 8] as const

for (const stepMs of STEPS_MS) {
  const ledger = `with ledger steps of ${stepMs} ms`

  throughEveryDoor(`ends when the seller resets right after the head, ${ledger}`, async ({ open, shop }) => {
    const seller = await open(sellAndStall((response) => response.socket?.resetAndDestroy()))
    const shopper = shop({ ledger: createSlowLedger(createMemoryLedger(), { milliseconds: stepMs }) })
    await expect(shopper.request(seller.url, { method: 'POST' })).rejects.toThrow()
    expect(shopper.signatures()).toBe(1)
    expect((await shopper.records()).map(({ state }) => state)).not.toContain('released')
  })

  throughEveryDoor(`ends when the answer breaks off while it is written down, ${ledger}`, async ({ open, shop }) => {
    const answers: ServerResponse[] = []
    const seller = await open(sellAndStall((response) => answers.push(response)))
    const shopper = shop({ ledger: tellSettled(stepMs, () => answers[0]?.socket?.resetAndDestroy()) })
    await expect(shopper.request(seller.url)).rejects.toThrow()
    expect(await shopper.records()).toMatchObject([{ state: 'settled' }])
    expect(seller.authorizations().size).toBe(1)
  })

  throughEveryDoor(`ends when the caller gives up at the head, ${ledger}`, async ({ open, shop }) => {
    const abort = new AbortController()
    const seller = await open(sellAndStall())
    const shopper = shop({ ledger: tellSettled(stepMs, () => abort.abort()) })
    await expect(shopper.request(seller.url, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(await shopper.records()).toMatchObject([{ state: 'settled' }])
    expect(seller.authorizations().size).toBe(1)
  })

  throughEveryDoor(`ends when the caller gives up in the body, ${ledger}`, async ({ open, shop }) => {
    const abort = new AbortController()
    const seller = await open(sellAndStall())
    const shopper = shop({ ledger: tellSettled(stepMs, () => setImmediate(() => setImmediate(() => abort.abort()))) })
    await expect(shopper.request(seller.url, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(await shopper.records()).toMatchObject([{ state: 'settled' }])
  })

  throughEveryDoor(`ends both calls of one key when their answer breaks off, ${ledger}`, async ({ open, shop }) => {
    const answers: ServerResponse[] = []
    const seller = await open(sellAndStall((response) => answers.push(response)))
    const shopper = shop({ ledger: tellSettled(stepMs, () => answers[0]?.socket?.resetAndDestroy()) })
    const call = () => shopper.request(seller.url, { headers: { 'idempotency-key': 'k' } })
    const ended = await Promise.allSettled([call(), call()])
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(seller.authorizations().size).toBe(1)
  })

  throughEveryDoor(`ends the call that joined another when its caller gives up, ${ledger}`, async ({ open, shop }) => {
    const abort = new AbortController()
    const { handler, presented, askedTwice, finish } = sellToTwo()
    const seller = await open(handler)
    const shopper = shop({ ledger: createSlowLedger(createMemoryLedger(), { milliseconds: stepMs }) })
    const init = { headers: { 'idempotency-key': 'k' } }
    const first = shopper.request(seller.url, init)
    await presented
    const second = shopper.stream(seller.url, { ...init, signal: abort.signal })
    await askedTwice
    const reading = readAll((await second).chunks)
    abort.abort()
    await expect(reading).rejects.toThrow()
    finish()
    expect(await first).toMatchObject({ status: 200, text: '{"ok":true}', payment: { money: 'settled' } })
    expect(seller.authorizations().size).toBe(1)
  })
}

/** Sells, and answers a paid request with a head and the first part of a body. */
function sellAndStall(then: (response: ServerResponse) => unknown = () => undefined): Handler {
  return (request, response) => {
    startToDeliver(request, response)
    if (request.payment !== undefined) then(response)
  }
}

/** A ledger that tells when it is told of a good receipt: then the head of the paid answer is here. */
function tellSettled(stepMs: number, tell: () => void): Ledger {
  return tellSteps(createSlowLedger(createMemoryLedger(), { milliseconds: stepMs }), (name, [, event]) => {
    if (name === 'note' && Reflect.get(new Object(event), 'isSettled') === true) tell()
  })
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of chunks);
}

/** Takes a payment, and answers it with a head once a second call has asked, too. */
function sellToTwo() {
  const told = new EventEmitter()
  const presented = once(told, 'presented')
  const askedTwice = once(told, 'asked twice')
  let paid: ServerResponse | undefined
  let asked = 0
  const handler: Handler = async (request, response) => {
    if (request.payment === undefined && ++asked === 2) told.emit('asked twice')
    if (request.payment !== undefined) {
      paid = response
      told.emit('presented')
      await askedTwice
    }
    startToDeliver(request, response)
  }
  return { handler, presented, askedTwice, finish: () => paid?.end('true}') }
}
