import { describe, expect, it } from 'vitest'
import { fetchWithinReach } from '../../../src/http/reaching-fetch.js'
import type { Handler, SellerRequest } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'

const within: typeof fetch = (input, init) => fetchWithinReach({ fetch, input, init }, () => undefined)

/** Redirects by the path: `/307/302/end` leads over a 307 and a 302 to the end. */
const redirects: Handler = ({ path, method }, response) => {
  const [, status, ...rest] = path.split('/')
  if (status === 'end') return void response.end(method === 'HEAD' ? undefined : 'the end')
  response.writeHead(Number(status), { location: `/${rest.join('/')}` }).end()
}

function toSent({ method, path, headers, body }: SellerRequest) {
  const { 'content-type': type, 'content-length': length, authorization, cookie, 'x-own': own } = headers
  return { method, path, body: String(body), type, length, authorization, cookie, own }
}

/** Each body in a form of its own: a multipart one is written anew by each `fetch`. */
const bodies: Readonly<Record<string, () => BodyInit | undefined>> = {
  'no body': () => undefined,
  'a text': () => 'words',
  'a form': () => new URLSearchParams({ a: 'b' }),
  'a Blob': () => new Blob(['words'], { type: 'text/plain' }),
}

const calls = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].flatMap((method) =>
  [301, 302, 303, 307, 308].flatMap((status) =>
    Object.keys(bodies)
      .filter((body) => body === 'no body' || (method !== 'GET' && method !== 'HEAD'))
      .map((body) => [method, status, body] as const),
  ),
)

describe('fetchWithinReach sends what the platform’s own fetch sends, and hands over the same:', () => {
  it.each(calls)('%s after a %i, with %s', async (method, status, body) => {
    const seller = await openSeller(redirects)
    const headers = { 'x-own': 'yes', authorization: 'Bearer secret' }
    const url = `${seller.url}/${status}/${status}/end#part`
    const ask = async (send: typeof fetch, input: string | Request, init?: RequestInit) => {
      const before = seller.requests.length
      const { status, url, redirected, headers, type, ...response } = await readAll(await send(input, init))
      return { ...response, status, url, redirected, type, sent: seller.requests.slice(before).map(toSent) }
    }
    const init = () => ({ method, headers, body: bodies[body]?.() ?? null })
    const expected = await ask(fetch, url, init())
    expect(expected.sent).toHaveLength(3)
    expect(await ask(within, url, init())).toEqual(expected)
    expect(await ask(within, new Request(url, init()))).toEqual(expected)
  })
})

async function readAll(response: Response) {
  const { status, url, redirected, headers, type } = response
  return { status, url, redirected, headers, type, text: await response.text() }
}

/** What a promise was rejected with, as far as a retrying library looks. */
async function failureOf(answer: Promise<unknown>) {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('it was not rejected')
  return { name: error.name, message: error.message }
}

describe('fetchWithinReach fails as the platform’s own fetch does:', () => {
  it.each<[string, Handler, RequestInit?]>([
    ['after 20 redirects', (_request, response) => void response.writeHead(302, { location: '/again' }).end()],
    ['for what isn’t an address', (_request, response) => void response.writeHead(302, { location: 'http://' }).end()],
    [
      'for another protocol',
      (_request, response) => void response.writeHead(302, { location: 'ftp://a.example' }).end(),
    ],
    ['for a data URL', (_request, response) => void response.writeHead(302, { location: 'data:text/plain,a' }).end()],
    ['where the caller wants none', (_request, response) => void response.writeHead(302).end(), { redirect: 'error' }],
    [
      'for a stream that would be sent twice',
      (_request, response) => void response.writeHead(307, { location: '/again' }).end(),
      { method: 'POST', duplex: 'half' } as RequestInit,
    ],
  ])('%s', async (_why, handler, init) => {
    const seller = await openSeller(handler)
    const given = () => ({ ...init, ...(init?.method && { body: new Blob(['words']).stream() }) })
    const expected = await failureOf(fetch(seller.url, given()))
    const asked = seller.requests.length
    expect(await failureOf(within(seller.url, given()))).toEqual(expected)
    expect(seller.requests).toHaveLength(2 * asked)
  })
})

describe('fetchWithinReach:', () => {
  it('follows exactly twenty redirects', async () => {
    const seller = await openSeller(redirects)
    const response = await within(`${seller.url}/${'302/'.repeat(20)}end`)
    expect(await response.text()).toBe('the end')
  })

  it('sends the body of a Request once where it may not be kept', async () => {
    const seller = await openSeller(redirects)
    const input = new Request(`${seller.url}/307/end`, { method: 'POST', body: 'words' })
    const sending = fetchWithinReach({ fetch, input, init: undefined, replay: 'never' }, () => undefined)
    await expect(sending).rejects.toThrow('fetch failed')
    expect(seller.requests).toHaveLength(1)
  })

  it('hands over a 3xx that leads nowhere', async () => {
    const seller = await openSeller((_request, response) => void response.writeHead(304).end())
    expect((await within(seller.url)).status).toBe(304)
  })

  it('hands no credentials on to another origin, and none back', async () => {
    const other = await openSeller(
      ({ path }, response) => void response.writeHead(307, { location: path.slice(1) }).end(),
    )
    const seller = await openSeller(({ path }, response) => {
      if (path === '/back') return void response.end('the end')
      response.writeHead(307, { location: `${other.url}/${seller.url}/back` }).end()
    })
    const headers = { authorization: 'Bearer secret', cookie: 'a=b', 'x-own': 'yes' }
    await within(seller.url, { headers })
    const sent = [...seller.requests, ...other.requests].map((request) => [
      toSent(request).authorization,
      toSent(request).cookie,
    ])
    expect(sent).toEqual([
      ['Bearer secret', 'a=b'],
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  it('sends bytes with each request, of which Node 20 loses hold', async () => {
    const seller = await openSeller(redirects)
    await within(`${seller.url}/307/308/end`, { method: 'POST', body: new TextEncoder().encode('words') })
    expect(seller.requests.map(({ body }) => String(body))).toEqual(['words', 'words', 'words'])
  })

  it('sends headers that can be read only once with each request', async () => {
    const seller = await openSeller(redirects)
    await within(`${seller.url}/307/end`, { headers: new Map([['x-own', 'yes']]).entries() as never })
    expect(seller.requests.map(({ headers }) => headers['x-own'])).toEqual(['yes', 'yes'])
  })

  it('reads an address that a server wrote in UTF-8', async () => {
    const seller = await openSeller(({ path }, response) => {
      if (path !== '/') return void response.end(decodeURI(path))
      response.writeHead(302, { location: Buffer.from('/münchen').toString('latin1') }).end()
    })
    expect(await (await within(seller.url)).text()).toBe('/münchen')
  })

  it('asks before each address, and lets go of the response that led elsewhere', async () => {
    const seller = await openSeller(redirects)
    const asked: string[] = []
    const refuse = (url: URL) => {
      asked.push(url.pathname)
      if (url.pathname === '/end') throw new Error('not there')
    }
    const sending = fetchWithinReach({ fetch, input: `${seller.url}/307/302/end`, init: undefined }, refuse)
    await expect(sending).rejects.toThrow('not there')
    expect(asked).toEqual(['/307/302/end', '/302/end', '/end'])
    expect(seller.requests).toHaveLength(2)
  })
})

/** A browser, which hides where a redirect leads, and follows it where it may. */
function createPage(end: string) {
  const sent: (string | undefined)[] = []
  const page: typeof fetch = async (_input, init) => {
    sent.push(init?.redirect)
    const hidden = Object.defineProperties(new Response(null), {
      type: { value: 'opaqueredirect' },
      status: { value: 0 },
    })
    return init?.redirect === 'manual' ? hidden : Object.defineProperty(new Response('found'), 'url', { value: end })
  }
  return { page, sent }
}

describe('fetchWithinReach, where the platform hides redirects:', () => {
  const assert = ({ hostname }: URL) => {
    if (hostname !== 'a.example') throw new Error(`not ${hostname}`)
  }

  it.each(['GET', 'HEAD'])('lets it follow that of a %s, and looks at where it came from', async (method) => {
    const { page, sent } = createPage('https://a.example/new')
    const response = await fetchWithinReach({ fetch: page, input: 'https://a.example', init: { method } }, assert)
    expect(await response.text()).toBe('found')
    expect(sent).toEqual(['manual', 'follow'])
  })

  it('hands over nothing from out of reach', async () => {
    const { page } = createPage('https://b.example/')
    const sending = fetchWithinReach({ fetch: page, input: 'https://a.example', init: undefined }, assert)
    await expect(sending).rejects.toThrow('not b.example')
  })

  it('error: HOST_OUT_OF_REACH for a POST, which is sent once', async () => {
    const { page, sent } = createPage('https://a.example/new')
    const init = { method: 'POST', body: 'words' }
    const sending = fetchWithinReach({ fetch: page, input: 'https://a.example', init }, assert)
    await expect(sending).rejects.toMatchObject({ code: 'HOST_OUT_OF_REACH', money: 'untouched' })
    expect(sent).toEqual(['manual'])
  })
})
