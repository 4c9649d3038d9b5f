import { describe, expect, it } from 'vitest'
import { createPaymentTools } from '../../../../src/agents/index.js'
import { createAgent } from '../../../unit/agents/create-shop.js'

describe("the operator's key", () => {
  const KEY = 'sk-live-0123456789'

  async function ask(url: string, headers: Readonly<Record<string, Readonly<Record<string, string>>>>) {
    const asked: [string, string | null][] = []
    const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      asked.push([String(input), new Headers(init?.headers).get('x-api-key')])
      const location = 'http://seller.example/plain'
      return String(input).endsWith('/down')
        ? new Response(null, { status: 302, headers: { location } })
        : new Response()
    }
    const agent = createAgent({ total: '$0.50', hosts: ['seller.example', '127.0.0.1:4021'] })
    await createPaymentTools(agent, { fetch, headers }).pay_and_fetch.execute({ url })
    return asked
  }

  it('is not sent where anyone in between could read it, whatever address a model writes', async () => {
    const headers = { 'seller.example': { 'x-api-key': KEY } }
    expect(await ask('http://seller.example/weather', headers)).toEqual([['http://seller.example/weather', null]])
    expect(await ask('http://SELLER.example:80/weather', headers)).toEqual([['http://seller.example/weather', null]])
  })

  it('stays behind when its host redirects to where anyone could read it', async () => {
    expect(await ask('https://seller.example/down', { 'seller.example': { 'x-api-key': KEY } })).toEqual([
      ['https://seller.example/down', KEY],
      ['http://seller.example/plain', null],
    ])
  })

  it.each([
    ['on this machine', 'http://127.0.0.1:4021/x', '127.0.0.1:4021'],
    ['where its operator says so', 'http://seller.example/x', 'http://seller.example'],
  ])('goes without HTTPS %s', async (_, url, host) => {
    expect(await ask(url, { [host]: { 'x-api-key': KEY } })).toEqual([[url, KEY]])
  })
})
