import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createHeld } from '../../support/create-held.js'
import { askToPay, NETWORK, TRANSACTION } from '../../support/offers.js'
import { waitForRoom } from '../../support/wait-for-room.js'

const MEGABYTE = 1024 * 1024
const receipt = encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK })

throughEveryDoor('hands events over one by one, while the seller has more to say', async ({ open, shop }) => {
  let next = () => undefined as undefined
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'payment-response': receipt })
    response.write('data: first\n\n')
    next = () => void response.end('data: second\n\n')
  })
  const { payment, chunks } = await shop().stream(seller.url)
  expect(payment).toMatchObject({ money: 'settled', delivery: 'delivered' })
  const events: string[] = []
  for await (const chunk of chunks) {
    events.push(new TextDecoder().decode(chunk))
    // The second event is written only once the first was read.
    if (events.length === 1) next()
  }
  expect(events).toEqual(['data: first\n\n', 'data: second\n\n'])
})

throughEveryDoor('lets a paid download of 100 MB flow without holding it', async ({ open, shop }) => {
  const chunk = Buffer.alloc(MEGABYTE, 1)
  let sent = 0
  const seller = await open(async (request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(200, { 'payment-response': receipt })
    while (sent < 100 * MEGABYTE && !response.destroyed) {
      const hasRoom = response.write(chunk)
      sent += chunk.length
      if (!hasRoom) await waitForRoom(response)
    }
    response.end()
  })
  const { chunks } = await shop().stream(seller.url)
  const held = createHeld()
  let received = 0
  let mostAhead = 0
  for await (const part of chunks) {
    received += part.length
    held.add(part)
    mostAhead = Math.max(mostAhead, sent - received)
    // While the answer is there, since what holds its parts goes with it.
    if (received < 50 * MEGABYTE || held.counted()) continue
    expect(await held.count()).toBeLessThan(20)
  }
  expect(received).toBe(100 * MEGABYTE)
  // What the sockets hold, and no more.
  expect(mostAhead).toBeLessThan(50 * MEGABYTE)
})

throughEveryDoor('hands an endless paid answer over at once', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(200, { 'payment-response': receipt })
    response.write('begun')
  })
  const { status, payment, chunks } = await shop().stream(seller.url)
  expect({ status, payment }).toMatchObject({ status: 200, payment: { money: 'settled' } })
  for await (const chunk of chunks) {
    expect(new TextDecoder().decode(chunk)).toBe('begun')
    break
  }
})
