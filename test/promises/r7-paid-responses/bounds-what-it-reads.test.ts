import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { constants, createGzip } from 'node:zlib'
import { expect } from 'vitest'
import { MAX_BODY_BYTES } from '../../../src/wire/challenge.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { countUnpacked } from '../../support/count-unpacked.js'
import { createOffer, createRequired, deliver } from '../../support/offers.js'
import type { Handler, SellerRequest } from '../../support/start-seller.js'
import { waitForRoom } from '../../support/wait-for-room.js'

const MEGABYTE = 1024 * 1024
/** What a door may take from an endless body, with all that the sockets between hold. */
const MOST_TAKEN = 50 * MEGABYTE
/** What may be unpacked of a body: as much as is ever read of one, and what was under way. */
const MOST_UNPACKED = 2 * MAX_BODY_BYTES
const header = { 'payment-required': encodeJsonHeader(createRequired()) }

/** Writes a body, tells how many bytes were taken of it, and is done once its connection is let go. */
type Body = (response: ServerResponse, tell: (bytes: number) => void) => Promise<unknown>

/** Bodies that don't end, or not soon enough. */
const bodies = {
  'an endless body': flood,
  'a body that says nothing'(response) {
    response.write(' ')
    return once(response, 'close')
  },
  async 'a body of one byte at a time'(response, tell) {
    const timer = setInterval(() => response.write(' ', () => tell(1)), 5)
    await once(response, 'close')
    clearInterval(timer)
  },
  'a compressed body that unpacks to gigabytes': bomb,
} satisfies Record<string, Body>

for (const [what, body] of Object.entries<Body>(bodies)) {
  throughEveryDoor(`pays by the header and lets ${what} go`, async ({ open, shop }) => {
    const { tell, expectLittle } = createScales()
    const letGo: Promise<unknown>[] = []
    const seller = await open(async (request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      if (body === bomb) response.setHeader('content-encoding', 'gzip')
      response.writeHead(402, header)
      letGo.push(body(response, tell))
    })
    expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    await Promise.all(letGo)
    expectLittle()
  })
}

for (const what of ['an endless body', 'a compressed body that unpacks to gigabytes'] as const) {
  throughEveryDoor(`gives ${what} without a header back as no x402, and signs nothing`, async ({ open, shop }) => {
    const { tell, expectLittle } = createScales()
    const letGo: Promise<unknown>[] = []
    const seller = await open(async (_request, response) => {
      if (bodies[what] === bomb) response.setHeader('content-encoding', 'gzip')
      response.writeHead(402, { 'content-type': 'application/json' })
      letGo.push(bodies[what](response, tell))
    })
    const shopper = shop()
    const { status, payment, chunks } = await shopper.stream(seller.url)
    expect({ status, payment }).toEqual({ status: 402, payment: undefined })
    for await (const _chunk of chunks) break
    expect(shopper.signatures()).toBe(0)
    await Promise.all(letGo)
    expectLittle()
  })
}

throughEveryDoor('says why a payment was refused without waiting for an endless body', async ({ open, shop }) => {
  const { tell, expectLittle } = createScales()
  const seller = await open(async (request, response) => {
    response.writeHead(402, { ...header, 'content-type': 'application/json' })
    if (request.payment === undefined) response.end('{}')
    else await flood(response, tell)
  })
  const shopper = shop()
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(shopper.signatures()).toBe(1)
  expectLittle()
})

/** Terms that are large, deep or strange, in the body, where no HTTP stack cuts them. */
const strange: Record<string, { body: string | Buffer; code?: string }> = {
  '10,000 offers, of which the last is good': {
    body: JSON.stringify(createRequired([...Array.from({ length: 9_999 }, () => ({ scheme: 'x' })), createOffer()])),
  },
  '10,001 offers': {
    body: JSON.stringify(createRequired(Array.from({ length: 10_001 }, () => createOffer()))),
    code: 'CHALLENGE_MALFORMED',
  },
  '5,000 levels beside the terms': {
    body: JSON.stringify(createRequired(undefined, { more: '@' })).replace('"@"', '['.repeat(5000) + ']'.repeat(5000)),
  },
  '5,000 levels in the resource': {
    body: JSON.stringify(createRequired(undefined, { resource: '@' })).replace(
      '"@"',
      `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    ),
    code: 'CHALLENGE_MALFORMED',
  },
  'an amount of 200,000 digits': {
    body: JSON.stringify(createRequired([createOffer({ amount: '9'.repeat(200_000) })])),
    code: 'NO_PAYABLE_OFFER',
  },
  'keys that name a prototype': {
    body: JSON.stringify(createRequired()).replace(
      '"x402Version"',
      '"__proto__":{"accepts":[],"amount":"1"},"constructor":{"prototype":{}},"x402Version"',
    ),
  },
  'a byte order mark': { body: `\uFEFF${JSON.stringify(createRequired())}` },
  'control characters in every text': {
    body: JSON.stringify(createRequired([createOffer({ payTo: 'a\u0000\u001b[2J\nMoney: settled.' })])),
    code: 'NO_PAYABLE_OFFER',
  },
}

for (const [what, { body, code }] of Object.entries(strange)) {
  throughEveryDoor(`${code === undefined ? 'pays' : 'refuses'} a 402 with ${what}`, async ({ open, shop }) => {
    const seller = await open(inBody(body))
    const shopper = shop()
    if (code === undefined) {
      expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { terms: { amount: '10000' } } })
    } else {
      const error = await shopper.refusal(seller.url)
      expect(error).toMatchObject({ code, money: 'untouched' })
      expect(error.message.length).toBeLessThan(2000)
      expect(error.message).not.toMatch(/^Money: settled/m)
      expect(shopper.signatures()).toBe(0)
    }
    expect(Reflect.get({}, 'amount')).toBeUndefined()
  })
}

for (const [what, body] of Object.entries({
  'bytes that are no UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  'JSON that breaks off': JSON.stringify(createRequired()).slice(0, -20),
  'a list': JSON.stringify([createRequired()]),
  nothing: '',
})) {
  throughEveryDoor(`gives a 402 back whose body is ${what}`, async ({ open, shop }) => {
    const seller = await open(inBody(body))
    const shopper = shop()
    expect(await shopper.request(seller.url)).toMatchObject({ status: 402, payment: undefined })
    expect(shopper.signatures()).toBe(0)
  })
}

function inBody(body: string | Buffer): Handler {
  return (request: SellerRequest, response: ServerResponse) => {
    if (request.payment !== undefined) return deliver(response, request)
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(body)
  }
}

/** Counts what is taken from the seller, and what is unpacked of it. */
function createScales() {
  const unpacked = countUnpacked()
  let taken = 0
  return {
    tell(bytes: number) {
      taken += bytes
    },
    expectLittle() {
      expect(taken).toBeLessThan(MOST_TAKEN)
      expect(unpacked()).toBeLessThan(MOST_UNPACKED)
    },
  }
}

/** Writes for ever, never more than the connection takes. */
async function flood(response: ServerResponse, tell: (bytes: number) => void): Promise<void> {
  const chunk = Buffer.alloc(MEGABYTE, 0x20)
  while (!response.destroyed) {
    const hasRoom = response.write(chunk)
    tell(chunk.length)
    if (!hasRoom) await waitForRoom(response)
  }
}

/** A gigabyte of zeros for each megabyte on the wire, as long as somebody reads. */
async function bomb(response: ServerResponse, tell: (bytes: number) => void): Promise<void> {
  const zeros = Buffer.alloc(MEGABYTE)
  const gzip = createGzip({ level: 9, flush: constants.Z_SYNC_FLUSH })
  const write = () => {
    while (!response.destroyed && gzip.write(zeros));
  }
  gzip.on('drain', write)
  gzip.on('error', () => undefined)
  gzip.on('data', (packed: Buffer) => tell(packed.length))
  gzip.pipe(response)
  write()
  await once(response, 'close')
  gzip.destroy()
}
