import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createOffer, createRequired, deliver, TRANSACTION } from '../../support/offers.js'
import type { SellerRequest } from '../../support/start-seller.js'

/** A good protocol-1 offer; `@x402/*` 2.27. */
function createV1Offer(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { amount, ...offer } = createOffer({ network: 'base-sepolia', ...changes })
  const texts = { resource: 'http://127.0.0.1/paid', description: '', mimeType: '' }
  return { ...offer, ...texts, ...('amount' in changes ? { amount } : { maxAmountRequired: '10000' }), ...changes }
}

const versions = {
  v2: (changes?: Record<string, unknown>) => createRequired([createOffer(changes)]),
  v1: (changes?: Record<string, unknown>) => ({ x402Version: 1, error: 'pay', accepts: [createV1Offer(changes)] }),
}

const places = {
  header: (response: ServerResponse, required: object) => send(response, required, '{}'),
  body: (response: ServerResponse, required: object) => send(response, undefined, JSON.stringify(required)),
  both: (response: ServerResponse, required: object) => send(response, required, JSON.stringify(required)),
  'a header that the body contradicts': (response: ServerResponse, required: object) =>
    send(response, required, JSON.stringify(createRequired([createOffer({ amount: '999999' })]))),
}

const kinds: Record<string, [changes: Record<string, unknown>, isPaid: boolean]> = {
  'good terms': [{}, true],
  'both amounts, equal': [{ amount: '10000', maxAmountRequired: '10000' }, true],
  'both amounts, different': [{ amount: '10000', maxAmountRequired: '10001' }, false],
  'no extra': [{ extra: undefined }, true],
  'extra that is null': [{ extra: null }, true],
  'no payTo': [{ payTo: undefined }, false],
  'no timeout': [{ maxTimeoutSeconds: undefined }, true],
  'members of extra that are null': [
    { extra: { name: null, version: null, paymentFlow: null, assetTransferMethod: null, decimals: null } },
    true,
  ],
  'its asset by a symbol': [{ asset: 'USDC' }, true],
  'its asset as a token': [{ asset: undefined, token: '0x036CbD53842c5426634e7929541eC2318f3dCF7e' }, true],
  'an unknown network': [{ network: 'atlantis' }, false],
  'an amount as a number': [{ amount: 10000, maxAmountRequired: undefined }, false],
}

for (const [version, createVersion] of Object.entries(versions)) {
  for (const [place, answer] of Object.entries(places)) {
    for (const [kind, [changes, isPaid]] of Object.entries(kinds)) {
      throughEveryDoor(`${isPaid ? 'pays' : 'refuses'} ${version} in ${place} with ${kind}`, async ({ open, shop }) => {
        const seller = await open((request, response) => {
          if (request.payment === undefined) answer(response, createVersion(changes))
          else deliver(response, request)
        })
        const shopper = shop()
        if (!isPaid) {
          expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
          expect(shopper.signatures()).toBe(0)
          return
        }
        expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
        expectSpokenBack(seller.requests[1], version)
      })
    }
  }
}

for (const [version, createVersion] of Object.entries(versions)) {
  throughEveryDoor(`refuses ${version} whose accepts is missing, in the body`, async ({ open, shop }) => {
    const required = { ...createVersion(), accepts: undefined }
    const seller = await open((_request, response) => send(response, undefined, JSON.stringify(required)))
    expect(await shop().refusal(seller.url)).toMatchObject({ code: 'CHALLENGE_MALFORMED', money: 'untouched' })
  })
}

throughEveryDoor('takes v1 with a CAIP-2 network', async ({ open, shop }) => {
  const required = versions.v1({ network: 'eip155:84532' })
  const seller = await open((request, response) => {
    if (request.payment === undefined) send(response, undefined, JSON.stringify(required))
    else deliver(response, request)
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.requests[1]?.payment).toMatchObject({ x402Version: 1, network: 'eip155:84532' })
})

throughEveryDoor('reads a v1 receipt with a legacy network name', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment === undefined) return send(response, undefined, JSON.stringify(versions.v1()))
    const receipt = { success: true, transaction: TRANSACTION, network: 'base-sepolia' }
    response.setHeader('x-payment-response', encodeJsonHeader(receipt))
    response.end('bought')
  })
  expect(await shop().request(seller.url)).toMatchObject({
    payment: { money: 'settled', receipt: { state: 'verified' } },
  })
})

const encodings: Record<string, (header: string) => string | string[]> = {
  'without padding': (header) => header.replaceAll('=', ''),
  'as base64url': (header) => header.replaceAll('+', '-').replaceAll('/', '_'),
  'as base64url without padding': (header) => header.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  'twice, the same': (header) => [header, header],
}

for (const [how, encode] of Object.entries(encodings)) {
  throughEveryDoor(`reads a header that is sent ${how}`, async ({ open, shop }) => {
    const required = createRequired([createOffer()], { resource: { url: 'http://127.0.0.1/', description: 'ÿþ~?>☂' } })
    const seller = await open((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.writeHead(402, { 'payment-required': encode(encodeJsonHeader(required)) })
      response.end()
    })
    expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  })
}

throughEveryDoor('refuses a header that is sent twice with different terms', async ({ open, shop }) => {
  const headers = [createOffer(), createOffer({ amount: '20000' })].map((offer) =>
    encodeJsonHeader(createRequired([offer])),
  )
  const seller = await open((_request, response) => {
    response.writeHead(402, { 'payment-required': headers })
    response.end()
  })
  expect(await shop().refusal(seller.url)).toMatchObject({ code: 'CHALLENGE_MALFORMED', money: 'untouched' })
})

throughEveryDoor('pays by the header beside a page for people', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()), 'content-type': 'text/html' })
    response.end('<html>Pay here</html>')
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
})

throughEveryDoor('returns a page for people without a header as it came', async ({ open, shop }) => {
  const page = `<html>{"x402Version":1}</html>`
  const seller = await open((_request, response) => {
    response.writeHead(402, { 'content-type': 'text/html' })
    response.end(page)
  })
  expect(await shop().request(seller.url)).toEqual({ status: 402, text: page, payment: undefined })
})

function send(response: ServerResponse, header: object | undefined, body: string): void {
  response.writeHead(402, {
    'content-type': 'application/json',
    ...(header && { 'payment-required': encodeJsonHeader(header) }),
  })
  response.end(body)
}

function expectSpokenBack(request: SellerRequest | undefined, version: string): void {
  const [spoken, silent] = version === 'v2' ? ['payment-signature', 'x-payment'] : ['x-payment', 'payment-signature']
  expect(Object.keys(request?.headers ?? {})).toContain(spoken)
  expect(Object.keys(request?.headers ?? {})).not.toContain(silent)
  if (version === 'v1') {
    expect(Object.keys(request?.payment ?? {})).toEqual(['x402Version', 'scheme', 'network', 'payload'])
    expect(request?.payment).toMatchObject({ x402Version: 1, scheme: 'exact', network: 'base-sepolia' })
  }
}
