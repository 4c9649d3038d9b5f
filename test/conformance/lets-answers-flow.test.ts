import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { encodeJsonHeader } from '../../src/protocol/header-codec.js'
import { askToPay, NETWORK, TRANSACTION } from '../support/offers.js'
import { waitForRoom } from '../support/wait-for-room.js'
import { throughEveryDoor } from './doors.js'
import { measureMemory } from './measure-memory.js'

const MEGABYTE = 1024 * 1024
const receipt = encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK })

/** Writes many megabytes, never more than the connection takes. */
async function pour(response: ServerResponse, megabytes: number): Promise<void> {
  const chunk = Buffer.alloc(MEGABYTE, 1)
  for (let written = 0; written < megabytes && !response.destroyed; written++) {
    if (!response.write(chunk)) await waitForRoom(response)
  }
  response.end()
}

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
  const seller = await open(async (request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(200, { 'payment-response': receipt })
    await pour(response, 100)
  })
  let bytes = 0
  const held = await measureMemory(async () => {
    const { chunks } = await shop().stream(seller.url)
    for await (const chunk of chunks) bytes += chunk.length
  })
  expect(bytes).toBe(100 * MEGABYTE)
  expect(held).toBeLessThan(50 * MEGABYTE)
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
