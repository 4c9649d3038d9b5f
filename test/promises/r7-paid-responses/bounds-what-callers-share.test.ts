import { expect } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { type StreamedAnswer, throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { waitForRoom } from '../../support/wait-for-room.js'

const MEBIBYTE = 1024 * 1024

/** A seller that answers the one payment of so many calls with so many mebibytes. */
function sellBytes(calls: number, mebibytes: number): Handler {
  const asked = createGate()
  let asks = 0
  return async (request, response) => {
    if (request.payment === undefined) {
      if (++asks === calls) asked.open()
      return askToPay(response)
    }
    await asked.passed
    response.writeHead(200)
    for (let sent = 0; sent < mebibytes * 16 && !response.destroyed; sent++) {
      if (!response.write(Buffer.alloc(MEBIBYTE / 16, sent))) await waitForRoom(response)
    }
    response.end()
  }
}

/** How many bytes came, and that each is what the seller sent. */
async function readAll({ chunks }: StreamedAnswer): Promise<number> {
  let length = 0
  for await (const chunk of chunks) {
    expect(chunk[0]).toBe(Math.floor(length / (MEBIBYTE / 16)) % 256)
    length += chunk.length
  }
  return length
}

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`gives each of three calls all of a long response that they read at once${where}`, async (tools) => {
    const seller = await tools.open(sellBytes(3, 8))
    const shopper = tools.shop({ inFlight: 'join', ledger: createLedger() })
    const answers = await Promise.all([1, 2, 3].map(() => shopper.stream(seller.url)))
    expect(await Promise.all(answers.map(readAll))).toEqual([8, 8, 8].map((length) => length * MEBIBYTE))
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(
    `error: COPY_FELL_BEHIND for a call that reads nothing, while the others read on, whichever paid${where}`,
    async (tools) => {
      for (const slow of [0, 1]) {
        const seller = await tools.open(sellBytes(2, 8))
        const shopper = tools.shop({ inFlight: 'join', ledger: createLedger() })
        const answers = await Promise.all([1, 2].map(() => shopper.stream(seller.url)))
        const [late, quick] = [answers[slow], answers[1 - slow]]
        if (late === undefined || quick === undefined) throw new Error('two calls have two answers')
        expect(await readAll(quick)).toBe(8 * MEBIBYTE)
        const error: unknown = await readAll(late).catch((thrown: unknown) => thrown)
        expect(isX402Error(error)).toBe(true)
        expect(error).toMatchObject({ code: 'COPY_FELL_BEHIND', money: 'in-doubt' })
        expect(Reflect.get(error as object, 'facts').payment).toBe(late.payment?.id)
        expect(shopper.signatures()).toBe(1)
      }
    },
  )

  throughEveryDoor(`keeps a short response for a call that reads it late${where}`, async (tools) => {
    const seller = await tools.open(sellBytes(2, 1))
    const shopper = tools.shop({ inFlight: 'join', ledger: createLedger() })
    const [one, other] = await Promise.all([1, 2].map(() => shopper.stream(seller.url)))
    if (one === undefined || other === undefined) throw new Error('two calls have two answers')
    expect(await readAll(one)).toBe(MEBIBYTE)
    expect(await readAll(other)).toBe(MEBIBYTE)
  })

  throughEveryDoor(`lets the seller go once nobody reads any more${where}`, async (tools) => {
    const closed = createGate()
    const handler = sellBytes(2, 4096)
    const seller = await tools.open((request, response) => {
      if (request.payment !== undefined) response.on('close', closed.open)
      return handler(request, response)
    })
    const shopper = tools.shop({ inFlight: 'join', ledger: createLedger() })
    for (const { chunks } of await Promise.all([1, 2].map(() => shopper.stream(seller.url)))) {
      for await (const chunk of chunks) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
    }
    await closed.passed
  })
}
