import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { inTurn, type PaidAnswer, pays, says } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const ledgers = {
  'a fast ledger': () => createMemoryLedger(),
  'a ledger of 8 ms': () => createSlowLedger(createMemoryLedger()),
}

const POST = { method: 'POST', body: '{}' }

const chunkedAndEmpty: PaidAnswer = (_request, response) => {
  response.writeHead(200)
  response.flushHeaders()
  response.end()
}

const nothing: readonly (readonly [name: string, answer: PaidAnswer, init?: RequestInit])[] = [
  ['a chunked body of nothing', chunkedAndEmpty],
  ['a chunked body of nothing, to a POST', chunkedAndEmpty, POST],
  ['a Content-Length of 0', (_request, response) => void response.writeHead(200, { 'content-length': '0' }).end()],
  [
    'a Content-Length of 0, to a POST',
    (_request, response) => void response.writeHead(200, { 'content-length': '0' }).end(),
    POST,
  ],
  ['no length at all', (_request, { socket }) => void socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')],
  [
    'nothing, compressed',
    (_request, response) => {
      const body = gzipSync('')
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body)
    },
  ],
  [
    'a body that breaks off before its first byte',
    (_request, response) => {
      response.writeHead(200)
      response.flushHeaders()
      setTimeout(() => response.destroy(), 20)
    },
  ],
  [
    'a body that breaks off after its first byte',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"ok":', () => setTimeout(() => response.destroy(), 20))
    },
  ],
  [
    'a body that is shorter than its length',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"ok":', () => setTimeout(() => response.destroy(), 20))
    },
  ],
]

for (const [ledgerName, createLedger] of Object.entries(ledgers)) {
  for (const [name, answer, init] of nothing) {
    throughEveryDoor(
      `opens the circuit after three paid 200s with ${name}, on ${ledgerName}`,
      async ({ open, shop }) => {
        const seller = await open(inTurn(answer))
        const shopper = shop({ ledger: createLedger() })
        for (const thing of ['1', '2', '3'])
          await shopper.request(`${seller.url}/${thing}`, init).catch(() => undefined)
        for (const thing of ['4', '5', '6', '7', '8']) {
          const error = await shopper.refusal(`${seller.url}/${thing}`, init)
          expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', money: 'untouched' })
        }
        expect(seller.authorizations().size).toBe(3)
      },
    )
  }
}

const honest: readonly (readonly [name: string, answer: PaidAnswer, init?: RequestInit])[] = [
  ['a 204 to a POST', says(204), POST],
  ['a 205', (_request, response) => void response.writeHead(205).end()],
  [
    'a 304 to a request that asked for that',
    (_request, response) => void response.writeHead(304).end(),
    { headers: { 'if-none-match': '"1"' } },
  ],
  ['choices without an address', (_request, response) => void response.writeHead(300).end('one, or the other')],
  ['a 200 to HEAD', (_request, response) => void response.writeHead(200).end(), { method: 'HEAD' }],
  ['a 201 that says where it is', (_request, response) => void response.writeHead(201, { location: '/1' }).end(), POST],
  ['a chunked body', pays],
]

for (const [name, answer, init] of honest) {
  throughEveryDoor(`goes on buying from a seller that answers with ${name}`, async ({ open, shop }) => {
    const seller = await open(inTurn(answer))
    const shopper = shop()
    for (const thing of ['1', '2', '3', '4', '5']) await shopper.request(`${seller.url}/${thing}`, init)
    expect(seller.authorizations().size).toBe(5)
  })
}

throughEveryDoor('counts what is empty in a row: a paid body begins again', async ({ open, shop }) => {
  const seller = await open(inTurn(chunkedAndEmpty, chunkedAndEmpty, pays, chunkedAndEmpty, chunkedAndEmpty, pays))
  const shopper = shop()
  for (const thing of ['1', '2', '3', '4', '5', '6']) await shopper.request(`${seller.url}/${thing}`)
  expect(seller.authorizations().size).toBe(6)
})

throughEveryDoor('hands a paid answer over before its body is known', async ({ open, shop }) => {
  let finish = () => undefined as undefined
  const seller = await open(
    inTurn((_request, response) => {
      response.writeHead(200)
      response.flushHeaders()
      finish = () => void response.end()
    }),
  )
  const shopper = shop({ circuit: { failures: 1 } })
  const { status, chunks } = await shopper.stream(`${seller.url}/1`)
  expect(status).toBe(200)
  finish()
  for await (const chunk of chunks) expect(chunk).toBeUndefined()
  expect(await shopper.refusal(`${seller.url}/2`)).toMatchObject({ code: 'CIRCUIT_OPEN' })
})

throughEveryDoor('says nothing against a seller whose answer the caller gave up', async ({ open, shop }) => {
  let caller = new AbortController()
  const seller = await open(
    inTurn((_request, response) => {
      response.writeHead(200)
      response.flushHeaders()
      setTimeout(() => caller.abort(), 50)
    }),
  )
  const shopper = shop({ circuit: { failures: 1 } })
  for (const thing of ['1', '2']) {
    caller = new AbortController()
    await expect(shopper.request(`${seller.url}/${thing}`, { signal: caller.signal })).rejects.toThrow()
  }
  expect(seller.authorizations().size).toBe(2)
})

describe('a paid answer of fetch without a body:', () => {
  it('counts when it is read, which may be after other calls', async () => {
    const seller = await openSeller(inTurn(chunkedAndEmpty))
    const buyer = createBriskBuyer()
    const unread: Response[] = []
    for (const thing of ['1', '2', '3', '4']) unread.push(await buyer.paidFetch(`${seller.url}/${thing}`))
    for (const response of unread) await response.arrayBuffer()
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/5`))).toMatchObject({ code: 'CIRCUIT_OPEN' })
    expect(buyer.signatures()).toBe(4)
  })

  it.each<[string, (response: Response) => Promise<unknown>]>([
    ['its stream', async ({ body }) => body?.getReader().read()],
    ['a copy', (response) => response.clone().text()],
    ['JSON, which it isn’t', (response) => response.json().catch(() => undefined)],
    ['another response', (response) => new Response(response.body, response).blob()],
    ['one branch of its stream', async ({ body }) => body?.tee()[1]?.getReader().read()],
  ])('counts however it is read: as %s', async (_name, read) => {
    const seller = await openSeller(inTurn(chunkedAndEmpty))
    const buyer = createBriskBuyer({ circuit: { failures: 1 } })
    await read(await buyer.paidFetch(`${seller.url}/1`))
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/2`))).toMatchObject({ code: 'CIRCUIT_OPEN' })
  })
})
