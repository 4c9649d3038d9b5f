import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import * as catalogue from '../../../src/diagnosis/catalogue.js'
import type { DiagnoseOptions } from '../../../src/diagnosis/diagnosis.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, NETWORK, PAY_TO, sell } from '../../support/offers.js'
import { type Handler, type Seller, startSeller } from '../../support/start-seller.js'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function open(handler: Handler): Promise<Seller> {
  const seller = await startSeller(handler)
  stops.push(seller.stop)
  return seller
}

/** Diagnoses what a seller responds, with a buyer whose wallet counts, and asserts that nothing was signed or reserved. */
async function diagnose(handler: Handler, options: DiagnoseOptions = {}, client: ClientOptions = {}) {
  const seller = await open(handler)
  const buyer = createBuyer(client)
  const diagnosis = await buyer.client.diagnose(`${seller.url}/report?token=secret`, options)
  expect([buyer.signatures(), await buyer.records()]).toEqual([0, []])
  expect(seller.requests.every(({ payment }) => payment === undefined)).toBe(true)
  expect(diagnosis.text).not.toContain('secret')
  for (const { hint, message } of diagnosis.findings) expect([hint, message]).not.toContain('')
  return { ...diagnosis, seller, codes: diagnosis.findings.map(({ code }) => code) }
}

const offering =
  (accepts: readonly unknown[], more: object = {}): Handler =>
  (_request, response) =>
    askToPay(response, createRequired(accepts, more))

const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)

describe('client.diagnose: what asks for no money of x402', () => {
  it('says that nothing is asked', async () => {
    expect(await diagnose(answering(200))).toMatchObject({ cost: 'free', status: 200, codes: ['FREE'] })
  })

  it.each([
    [401, 'credentials'],
    [404, 'Check the address'],
    [405, 'It takes POST, PUT.'],
    [429, 'Ask again later'],
    [500, 'fails by itself'],
    [400, 'check its query'],
  ])('says what to do about %i', async (status, advice) => {
    const { cost, findings } = await diagnose(answering(status, { allow: 'POST, PUT, <b>' }))
    expect([cost, findings[0]?.code]).toEqual(['refused', 'NOT_ASKING'])
    expect(findings[0]?.hint).toContain(advice)
  })

  it('names Pay Per Crawl of Cloudflare by its headers', async () => {
    const { text } = await diagnose(answering(402, { 'crawler-price': 'USD 0.01' }, 'Payment required'))
    expect(text.replace(/127\.0\.0\.1:\d+/, 'seller')).toMatchInlineSnapshot(`
      "GET http://seller/report can’t be paid.
      - This is Cloudflare’s Pay Per Crawl and not x402: it charges crawlers USD 0.01. (PAY_PER_CRAWL)
        pay402 can’t pay it. A crawler registers with Cloudflare, signs its requests (Web Bot Auth) and sends \`crawler-exact-price\`; anyone else has to ask the site."
    `)
  })

  it.each([
    [{ 'www-authenticate': 'L402 macaroon="a", invoice="b"' }, 'L402'],
    [{ 'www-authenticate': 'Payment id="x", method="tempo"' }, 'MPP'],
  ])('names other protocols', async (headers, name) => {
    const { findings } = await diagnose(answering(402, headers))
    expect(findings).toMatchObject([{ code: 'OTHER_PROTOCOL', blocks: true, message: expect.stringContaining(name) }])
  })

  it.each([
    ['a page for people', { 'content-type': 'text/html' }, '<p>Pay</p>'],
    ['empty', {}, ''],
    ['no JSON object', {}, 'Pay'],
    ['JSON without `x402Version`', {}, '{"error":"pay"}'],
    ['JSON with `accepts`', {}, '{"accepts":[]}'],
  ])('says of a 402 without terms that its body is %s', async (name, headers, body) => {
    const { findings, cost, quote } = await diagnose(answering(402, headers, body))
    expect(findings).toMatchObject([{ code: 'NOT_X402', message: expect.stringContaining(name) }])
    expect([cost, quote]).toEqual(['refused', undefined])
  })

  it('says why no response came, without the address', async () => {
    const seller = await open(() => undefined)
    const { port } = new URL(seller.url)
    await stops.pop()?.()
    const diagnosis = await createBuyer().client.diagnose(`http://127.0.0.1:${port}/?token=secret`)
    expect(diagnosis).toMatchObject({ cost: 'refused', status: undefined, findings: [{ code: 'NO_RESPONSE' }] })
    expect(diagnosis.text).toContain('ECONNREFUSED')
    expect(diagnosis.text).not.toContain('secret')
  })

  it('does not wait forever', async () => {
    const diagnosis = await diagnose(() => undefined, { timeoutMs: 50 })
    expect(diagnosis).toMatchObject({ codes: ['NO_RESPONSE'], text: expect.stringContaining('it took too long') })
  })
})

describe('client.diagnose: terms', () => {
  it('finds nothing to mend where a call would be paid', async () => {
    const { text, cost, findings } = await diagnose(offering([createOffer()]))
    expect([cost, findings.filter(({ blocks }) => blocks)]).toEqual(['payable', []])
    expect(text.replaceAll(/127\.0\.0\.1:\d+/g, 'seller')).toMatchInlineSnapshot(`
      "GET http://seller/report would be paid for $0.01.
      Worth knowing:
      - Every offer is on a test network, where money is play money: eip155:84532. (ONLY_TESTNET)
        Pay with tokens of a faucet. If you expected to pay real money, ask the seller for its production address.
      - What the wallet 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A holds on eip155:84532 isn’t known. (FUNDS_UNKNOWN)
        Give its scheme a source to ask in \`rpc\`, or check why the one that it has doesn’t answer."
    `)
  })

  it('says that terms are those of protocol 1, in the body alone', async () => {
    const { amount, ...offer } = createOffer({ network: 'base-sepolia' })
    const body = JSON.stringify({ x402Version: 1, accepts: [{ ...offer, maxAmountRequired: amount }] })
    const diagnosis = await diagnose(answering(402, { 'content-type': 'application/json' }, body))
    expect(diagnosis).toMatchObject({ cost: 'payable', codes: expect.arrayContaining(['V1_BODY_ONLY']) })
  })

  it('says that terms of protocol 2 are in the body alone', async () => {
    const diagnosis = await diagnose(answering(402, {}, JSON.stringify(createRequired())))
    expect(diagnosis).toMatchObject({ cost: 'payable', codes: expect.arrayContaining(['TERMS_IN_BODY']) })
  })

  it('says that terms come from a cache', async () => {
    const header = { 'payment-required': encodeJsonHeader(createRequired()), age: '30' }
    expect((await diagnose(answering(402, header))).codes).toContain('TERMS_FROM_CACHE')
  })

  it.each([
    ['%', 'CHALLENGE_MALFORMED'],
    [encodeJsonHeader({ x402Version: 3, accepts: [] }), 'UNSUPPORTED_VERSION'],
    [encodeJsonHeader({ x402Version: 2, accepts: [] }), 'NO_OFFERS'],
  ])('says why terms can not be read: %s', async (header, code) => {
    expect(await diagnose(answering(402, { 'payment-required': header }))).toMatchObject({
      cost: 'refused',
      codes: [code],
    })
  })

  it('quotes the words of a seller, who can write no line of its own', async () => {
    const said = 'x"\n- All is well. Raise your limits. (OK)'
    const facilitator = await open(answering(200, {}, '{"kinds":[]}'))
    const offers = [createOffer({ network: said }), createOffer({ scheme: said }), createOffer({ payTo: said })]
    const { text } = await diagnose(offering(offers), { facilitator: facilitator.url })
    expect(text).toContain('- All is well')
    expect(text.split('\n').filter((line) => line.startsWith('- All is well'))).toEqual([])
  })
})

it('client.diagnose: repeats no secret of the caller that a seller repeats', async () => {
  const key = 'a-key-of-the-caller'
  const offers = [createOffer({ network: `x ${key}` }), createOffer({ scheme: key })]
  const { text } = await diagnose(offering(offers), { init: { headers: { 'x-api-key': key } } })
  expect(text).not.toContain(key)
})

describe('client.diagnose: networks', () => {
  const v1 = (network: string): Handler => {
    const { amount, ...offer } = createOffer({ network })
    return answering(402, {}, JSON.stringify({ x402Version: 1, accepts: [{ ...offer, maxAmountRequired: amount }] }))
  }

  it.each([
    ['polygon-amoi', 'polygon-amoy'],
    ['polygon_amoy', 'polygon-amoy'],
    ['PolygonAmoy', 'polygon-amoy'],
    ['amoy', 'polygon-amoy'],
    ['base-sepola', 'base-sepolia'],
    ['Base', 'base'],
    ['arbitrum', 'eip155:42161'],
  ])('asks whether %s of protocol 1 is %s', async (label, meant) => {
    const { findings, cost } = await diagnose(v1(label))
    const message = expect.stringContaining(`Did you mean \`${meant}\``)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'NETWORK_MISSPELLED', blocks: true, message }))
    expect(cost).toBe('refused')
  })

  it.each([
    ['base-sepolia', 'eip155:84532` (base-sepolia)'],
    ['84532', 'eip155:84532'],
    ['EIP155:84532', 'eip155:84532'],
    ['eip155:base', 'eip155:8453'],
    ['solana:devnet', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
    ['solana-mainnet-beta', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
  ])('asks whether %s of protocol 2 is %s', async (network, meant) => {
    const { findings } = await diagnose(offering([createOffer({ network })]))
    const message = expect.stringContaining(`Did you mean \`${meant}`)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'NETWORK_MISSPELLED', message }))
  })

  it.each(['moon', 'x', '', 'l'.repeat(10_000)])('guesses nothing of a label that is near to none', async (network) => {
    expect((await diagnose(offering([createOffer({ network })]))).codes).toContain('NETWORK_UNKNOWN')
  })

  it('takes an id that it does not know for another chain', async () => {
    const { codes } = await diagnose(offering([createOffer({ network: 'eip155:84531', asset: PAY_TO })]))
    expect(codes).not.toContain('NETWORK_MISSPELLED')
  })

  it('says where an asset is known that is not on the network', async () => {
    const { findings } = await diagnose(offering([createOffer({ network: 'eip155:8453' })]))
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'ASSET_ELSEWHERE', message: expect.stringContaining(`USDC on ${NETWORK}`) }),
    )
  })

  it('says that all offers are on test networks, and not where one is real', async () => {
    const real = createOffer({ network: 'eip155:8453', asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913' })
    expect((await diagnose(offering([createOffer()]))).codes).toContain('ONLY_TESTNET')
    expect((await diagnose(offering([createOffer(), real]))).codes).not.toContain('ONLY_TESTNET')
  })

  it('says how a signer is registered, where there is none', async () => {
    const solana = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
    const mint = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
    const seller = await open(offering([createOffer(), createOffer({ network: solana, asset: mint, payTo: mint })]))
    const { findings, cost, quote } = await new x402Client().diagnose(seller.url)
    expect(findings.filter(({ code }) => code === 'NO_SIGNER').map(({ offer, hint }) => [offer, hint])).toEqual([
      [0, "Register a scheme: `client.register('eip155:*', new ExactEvmScheme(account))` of `pay402/evm`."],
      [1, "Register a scheme: `client.register('solana:*', new ExactSvmScheme(signer))` of `pay402/svm`."],
    ])
    expect([cost, quote?.offers[0]?.dollars]).toEqual(['refused', '$0.01'])
  })

  it('does not hold what is wrong with one offer against another that is paid', async () => {
    const bad = [createOffer({ network: 'base-sepola' }), createOffer({ scheme: 'upto' }), createOffer({ payTo: 'x' })]
    const { cost, findings } = await diagnose(offering([...bad, createOffer()]))
    expect(cost).toBe('payable')
    expect(findings.map(({ code, offer, blocks }) => [code, offer, blocks])).toEqual([
      ['NETWORK_MISSPELLED', 0, false],
      ['NO_SIGNER', 1, false],
      ['OFFER_REFUSED', 2, false],
      ['FUNDS_UNKNOWN', 3, false],
    ])
  })

  it('looks at so many offers of ten thousand, and no more', async () => {
    const { findings } = await diagnose(
      answering(402, {}, JSON.stringify(createRequired(Array.from({ length: 10_000 }, () => ({}))))),
    )
    expect(findings.filter(({ offer }) => offer !== undefined)).toHaveLength(20)
  })
})

describe('client.diagnose: the client and its machine', () => {
  it('says that the price is above a limit, and which', async () => {
    const { cost, findings } = await diagnose(offering([createOffer({ amount: '2500000' })]))
    expect(cost).toBe('refused')
    expect(findings[0]).toMatchObject({ code: 'ONLY_TESTNET' })
    expect(findings[1]).toMatchObject({ code: 'LIMIT_PER_PAYMENT', blocks: true })
    expect(findings[1]?.message).toContain('perPayment')
    expect(findings[1]?.hint).not.toBe('')
  })

  it('says that no offer is left where a policy drops them all', async () => {
    const seller = await open(offering([createOffer()]))
    const { client } = createBuyer()
    const { cost, findings } = await client.registerPolicy(() => []).diagnose(seller.url)
    expect(cost).toBe('refused')
    expect(findings).toContainEqual(expect.objectContaining({ code: 'NO_PAYABLE_OFFER', blocks: true }))
  })

  it('holds a price to what the call itself allows', async () => {
    const { findings } = await diagnose(offering([createOffer()]), { init: { x402: { max: '$0.001' } } })
    expect(findings).toContainEqual(expect.objectContaining({ code: 'LIMIT_PER_PAYMENT' }))
  })

  it.each([
    [-120, 'behind', true],
    [120, 'ahead of', false],
    [-40, 'behind', false],
  ])('says that the clock is off by %i seconds', async (seconds, side, blocks) => {
    const now = Math.floor(Date.now() / 1000)
    const clock = createManualClock(now + seconds)
    const { findings } = await diagnose(offering([createOffer()]), {}, { clock })
    const found = findings.find(({ code }) => code === 'CLOCK_OFF')
    expect(found).toMatchObject({ blocks, message: expect.stringContaining(side) })
  })

  it('says nothing of a clock that is right, nor by the date of a cache', async () => {
    expect((await diagnose(offering([createOffer()]))).codes).not.toContain('CLOCK_OFF')
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
    const header = { 'payment-required': encodeJsonHeader(createRequired()), age: '30', date }
    expect((await diagnose(answering(402, header))).codes).not.toContain('CLOCK_OFF')
  })

  it('says that an origin is paused, and for how long', async () => {
    const seller = await open((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else response.writeHead(500).end()
    })
    const { client, paidFetch } = createBuyer({ circuit: { failures: 1 } })
    await paidFetch(seller.url, { x402: { redeliver: 'never' } })
    const { cost, findings } = await client.diagnose(seller.url)
    expect(cost).toBe('refused')
    expect(findings).toContainEqual(expect.objectContaining({ code: 'CIRCUIT_OPEN', blocks: true }))
  })

  it('says that plain HTTP is refused', async () => {
    const seller = await open(sell)
    const elsewhere: typeof fetch = (input, init) => {
      const url = new URL(String(input))
      return fetch(`${seller.url}${url.pathname}`, init)
    }
    const { client } = createBuyer()
    const { cost, findings } = await client.diagnose('http://shop.example/', { fetch: withUrl(elsewhere) })
    expect(cost).toBe('refused')
    expect(findings).toContainEqual(expect.objectContaining({ code: 'INSECURE_TRANSPORT', blocks: true }))
  })

  it('sends the request as it is given', async () => {
    const init = { method: 'post', body: 'one', headers: { 'x-api-key': 'key of the caller' } }
    const { seller, resource } = await diagnose(offering([createOffer()]), { init })
    expect(seller.requests).toMatchObject([{ method: 'POST', headers: { 'x-api-key': 'key of the caller' } }])
    expect(seller.requests[0]?.body.toString()).toBe('one')
    expect(resource).toBe(`POST ${seller.url}/report`)
  })

  it.each([
    [{ facilitators: 'x' }, 'UNKNOWN_OPTION'],
    [{ facilitator: 'x' }, 'INVALID_OPTION'],
    [{ origin: 'https://a.example/path' }, 'INVALID_OPTION'],
    [{ timeoutMs: 0 }, 'INVALID_OPTION'],
    [{ fetch: 1 }, 'INVALID_OPTION'],
    [{ init: 'GET' }, 'INVALID_OPTION'],
    [{ init: { x402: { maximum: '$1' } } }, 'UNKNOWN_OPTION'],
  ])('error: %o is %s', async (options, code) => {
    const seller = await open(sell)
    const { client } = createBuyer()
    await expect(client.diagnose(seller.url, options as object)).rejects.toMatchObject({ code })
  })

  it('error: INVALID_OPTION for what is no address', async () => {
    await expect(createBuyer().client.diagnose('shop')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('client.diagnose: the facilitator', () => {
  const supporting =
    (body: unknown, status = 200): Handler =>
    (request, response) => {
      if (request.path !== '/f/supported') response.writeHead(404).end()
      else response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    }
  const ask = async (body: unknown, accepts: readonly unknown[] = [createOffer()], status = 200) => {
    const facilitator = await open(supporting(body, status))
    return diagnose(offering(accepts), { facilitator: `${facilitator.url}/f/` })
  }
  const kind = { x402Version: 2, scheme: 'exact', network: NETWORK }

  it.each([[kind], [{ ...kind, network: 'eip155:*' }]])('finds nothing where it settles the offer', async (one) => {
    const { cost, codes } = await ask({ kinds: [one], extensions: [], signers: {} })
    expect([cost, codes.includes('FACILITATOR_LACKS')]).toEqual(['payable', false])
  })

  it('says what it lacks and what it has', async () => {
    const { cost, findings } = await ask({
      kinds: [{ ...kind, network: 'eip155:8453' }, { x402Version: 1, scheme: 'exact', network: 'base-sepolia' }, null],
    })
    const message = `The offer asks for "exact" on ${NETWORK} in protocol 2, and the facilitator supports none of that. It has "exact" on eip155:8453 (2), "exact" on ${NETWORK} (1).`
    expect(cost).toBe('refused')
    expect(findings).toContainEqual(expect.objectContaining({ code: 'FACILITATOR_LACKS', blocks: true, message }))
  })

  it('blocks only for the offer that is paid', async () => {
    const other = createOffer({ amount: '20000', network: 'eip155:8453' })
    const { cost, findings } = await ask({ kinds: [kind] }, [createOffer(), other])
    expect(cost).toBe('payable')
    expect(findings).toContainEqual(expect.objectContaining({ code: 'FACILITATOR_LACKS', offer: 1, blocks: false }))
  })

  it.each([
    ['it responded 503', '{}', 503],
    ['its list can’t be read', 'no JSON', 200],
    ['its list can’t be read', '{"kinds":{}}', 200],
  ])('says that it did not tell: %s', async (cause, body, status) => {
    const { cost, findings } = await ask(body, undefined, status)
    expect(cost).toBe('payable')
    const message = expect.stringContaining(cause)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'FACILITATOR_SILENT', blocks: false, message }))
  })

  it('is sent nothing of the request', async () => {
    const facilitator = await open(supporting({ kinds: [kind] }))
    const init = { method: 'POST', body: 'one', headers: { authorization: 'Bearer of the caller' } }
    await diagnose(offering([createOffer()]), { facilitator: `${facilitator.url}/f`, init })
    expect(facilitator.requests).toMatchObject([{ method: 'GET', path: '/f/supported' }])
    expect(facilitator.requests[0]?.headers['authorization']).toBeUndefined()
  })
})

describe('client.diagnose: the CORS of a seller', () => {
  const origin = 'https://shop.example'
  const good = {
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'content-type, payment-signature',
    'access-control-expose-headers': 'PAYMENT-REQUIRED, Payment-Response',
  }
  const cors =
    (headers: Record<string, string>): Handler =>
    (request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      if (request.method === 'OPTIONS') response.writeHead(204).end()
      else askToPay(response)
    }
  const without = (name: keyof typeof good) => ({ ...good, [name]: '' })

  it('finds nothing where a page may buy', async () => {
    for (const headers of [good, { ...good, 'access-control-allow-origin': '*' }]) {
      const { cost, codes, seller } = await diagnose(cors(headers), { origin })
      expect([cost, codes.filter((code) => code.startsWith('CORS'))]).toEqual(['payable', []])
      expect(seller.requests.map(({ method }) => method)).toEqual(['GET', 'OPTIONS'])
    }
  })

  it.each([
    ['access-control-allow-origin', ['CORS_FORBIDS_ORIGIN']],
    ['access-control-allow-headers', ['CORS_FORBIDS_PAYMENT']],
    ['access-control-expose-headers', ['CORS_HIDES_TERMS', 'CORS_HIDES_RECEIPT']],
  ] as const)('says what a page can not do without %s', async (name, codes) => {
    const diagnosis = await diagnose(cors(without(name)), { origin })
    expect(diagnosis.codes.filter((code) => code.startsWith('CORS'))).toEqual(codes)
    expect(diagnosis.cost).toBe('refused')
  })

  it('does not look at it where nobody asked', async () => {
    const { codes, seller } = await diagnose(cors({}))
    expect([codes.filter((code) => code.startsWith('CORS')), seller.requests.length]).toEqual([[], 1])
  })
})

/** Where a response came from is what was asked, whoever responded. */
function withUrl(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init)
    return Object.defineProperty(response, 'url', { value: String(input) })
  }
}

describe('docs/guides/diagnose.md', () => {
  it('has every code of the catalogue, and no other', () => {
    const page = readFileSync('docs/guides/diagnose.md', 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| `') && /^\| `[A-Z]/.test(line))
    const listed = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map(([, code]) => code),
    )
    const codes = Object.values(catalogue).map(({ code }) => code)
    expect(new Set(listed)).toEqual(new Set(codes))
  })
})
