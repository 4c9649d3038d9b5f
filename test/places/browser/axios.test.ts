import type { AxiosRequestConfig } from 'axios'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../support/browser/bundle.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import type { PageAnswer } from './page/axios.js'

declare const buy: (config: AxiosRequestConfig) => Promise<PageAnswer>

const profile = useProfile()
let script: string
beforeAll(async () => {
  script = await bundle('test/places/browser/page/axios.ts')
})

/** A shop whose front page runs the script. */
async function open(handler: Handler) {
  const seller = await openSeller((request, response) => {
    if (request.path === '/favicon.ico') return void response.writeHead(404).end()
    if (request.path !== '/') return handler(request, response)
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .end(`<script>${script.replaceAll('</script', '<\\/script')}</script>`)
  })
  const page = await profile().newPage()
  await page.goto(seller.url)
  return { seller, page, requests: () => seller.requests.filter(({ path }) => path !== '/' && path !== '/favicon.ico') }
}

/** What can be handed to a page: no functions. */
type Asked = Pick<AxiosRequestConfig, 'url' | 'method' | 'data' | 'responseType'> & {
  readonly headers?: Record<string, string>
}

function ask(page: Page, config: Asked): Promise<PageAnswer> {
  return page.evaluate((given) => buy(given), config)
}

describe('wrapAxiosWithPayment, in a browser with XMLHttpRequest', () => {
  it('pays once: XMLHttpRequest asks, fetch pays', async () => {
    const { page, requests } = await open((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else deliver(response, request)
    })
    const answer = await ask(page, {
      url: '/weather',
      method: 'post',
      data: { city: 'Lisbon' },
      headers: { 'x-own': '1' },
    })
    expect(answer).toEqual({ status: 200, kind: 'Object', data: '{"ok":true}', money: 'settled', error: undefined })
    const [first, second] = requests()
    expect(requests()).toHaveLength(2)
    expect(second?.body.toString()).toBe('{"city":"Lisbon"}')
    expect(first?.body.toString()).toBe('{"city":"Lisbon"}')
    expect(second?.headers['x-own']).toBe('1')
  })

  it.each([
    ['text', 'String', '<p>café</p>'],
    ['arraybuffer', 'ArrayBuffer', undefined],
    ['blob', 'Blob', undefined],
    ['document', 'HTMLDocument', 'café'],
  ] as const)('reads a paid answer as XMLHttpRequest would: %s', async (responseType, kind, data) => {
    const { page } = await open((request, response) => {
      if (request.path === '/paid' && request.payment === undefined) return askToPay(response)
      response.setHeader('content-type', 'text/html; charset=iso-8859-1')
      response.end(Buffer.from('<p>café</p>', 'latin1'))
    })
    const free = await ask(page, { url: '/free', responseType })
    const paid = await ask(page, { url: '/paid', responseType })
    expect(paid).toMatchObject({ kind, data: data ?? free.data })
    expect({ ...paid, money: undefined }).toEqual(free)
  })

  it('carries no payment through a redirect', async () => {
    const other = await openSeller((_request, response) => void response.end('stolen'))
    const { page } = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      response.writeHead(307, { location: `${other.url}/` }).end()
    })
    const answer = await ask(page, { url: '/weather' })
    expect(answer.error).toEqual({ code: 'ERR_BAD_RESPONSE', cause: 'REDIRECTED' })
    expect(other.requests).toEqual([])
  })

  it.each(['json', 'blob', 'arraybuffer'] as const)('shows a refused 402 as %s', async (responseType) => {
    const { page } = await open((_request, response) =>
      askToPay(response, createRequired([createOffer({ amount: '9000000' })])),
    )
    const answer = await ask(page, { url: '/dear', responseType })
    expect(answer).toMatchObject({
      status: 402,
      data: '{}',
      error: { code: 'ERR_BAD_REQUEST', cause: 'LIMIT_PER_PAYMENT' },
    })
  })

  it('reads terms in the body of a 402, whatever it is asked for as', async () => {
    const { page } = await open((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify(createRequired()))
    })
    expect(await ask(page, { url: '/weather', responseType: 'blob' })).toMatchObject({ status: 200, money: 'settled' })
  })
})
