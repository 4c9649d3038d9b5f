import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createSeller } from '../../../src/testing/seller/seller.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, deliver, sell } from '../../support/offers.js'
import type { Handler, Seller } from '../../support/start-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const hostOf = ({ url }: Pick<Seller, 'url'>) => new URL(url).host

/** What must not be asked: it has no terms, so that a single request gives it away. */
const secret: Handler = (_request, response) => void response.end('a secret of this network')

throughEveryDoor('an agent asks no host that its list leaves out, also for what is free', async ({ open, shop }) => {
  const [seller, other] = [await open(sell), await open(secret)]
  const agent = shop({}, (client) => client.restrict({ hosts: [hostOf(seller)] }))
  expect(await agent.refusal(`${other.url}/admin?token=1`)).toMatchObject({
    name: 'LimitError',
    code: 'HOST_OUT_OF_REACH',
    money: 'untouched',
    // Of an MCP server, its own address; never the query.
    facts: { host: hostOf(other), resource: expect.stringMatching(/^http:[^?]*$/) },
  })
  expect(other.requests).toEqual([])
  expect(await agent.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
})

throughEveryDoor('an agent without a list asks no address of this machine', async ({ open, shop }) => {
  const other = await open(secret)
  const agent = shop({}, (client) => client.restrict({ total: '$1' }))
  for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '127.1.', '[::ffff:127.0.0.1]', '127.0.0.1']) {
    const { port } = new URL(other.url)
    expect(await agent.refusal(`http://${host}:${port}/`)).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
  }
  expect(other.requests).toEqual([])
})

throughEveryDoor("the list of an agent's owner, and of each agent above, holds for asking", async ({ open, shop }) => {
  const [seller, other] = [await open(sell), await open(secret)]
  const hosts = [hostOf(seller)]
  const agents = [
    shop({ limits: { hosts } }, (client) => client.restrict({ hosts: [hostOf(seller), hostOf(other)] })),
    shop({}, (client) => client.restrict({ hosts }).restrict({ total: '$1' })),
    shop({}, (client) => client.restrict({ hosts }).restrict({ reach: 'anywhere' })),
    // Without a list, the outer one allows no address of this machine, whatever the inner one lists.
    shop({}, (client) => client.restrict({}).restrict({ hosts: [hostOf(other)] })),
  ]
  for (const agent of agents) {
    expect(await agent.refusal(other.url)).toMatchObject({ code: 'HOST_OUT_OF_REACH', money: 'untouched' })
  }
  expect(other.requests).toEqual([])
})

throughEveryDoor("a client that nobody restricted, and one with reach 'anywhere', asks any host", async (tools) => {
  const { open, shop } = tools
  const [seller, other] = [await open(sell), await open(secret)]
  const narrow = [
    shop({ limits: { hosts: [hostOf(seller)] } }),
    shop({}, (client) => client.restrict({ hosts: [hostOf(seller)], reach: 'anywhere' })),
    shop({}, (client) => client.restrict({ reach: 'anywhere' }).restrict({ hosts: [hostOf(seller)] })),
  ]
  for (const client of narrow) {
    expect(await client.request(other.url)).toMatchObject({ status: 200, text: 'a secret of this network' })
  }
  expect(await shop({}, (client) => client.restrict({ reach: 'anywhere' })).request(seller.url)).toMatchObject({
    payment: { money: 'settled' },
  })
})

for (const status of [301, 302, 303, 307, 308]) {
  throughEveryDoor(`a redirect (${status}) leads an agent nowhere that it may not ask`, async ({ open, shop }) => {
    const other = await open(secret)
    const { port } = new URL(other.url)
    const targets = [
      other.url,
      `http://localhost:${port}`,
      `http://0x7f.1:${port}`,
      `http://[::ffff:127.0.0.1]:${port}`,
      `//127.1:${port}`,
      'http://169.254.169.254/latest/meta-data',
      'http://metadata.google.internal/',
      'file:///etc/passwd',
    ]
    const seller = await open(({ path }, response) => {
      const [, hop, index] = path.split('/')
      // The last of two redirects, the first of which stays.
      const location = hop === 'far' ? `/near/${index}` : targets[Number(index)]
      response.writeHead(status, { location: location ?? '' }).end()
    })
    const agent = shop({}, (client) => client.restrict({ hosts: [hostOf(seller)] }))
    for (const index of targets.keys()) {
      for (const hop of ['near', 'far']) {
        const refused = agent.request(`${seller.url}/${hop}/${index}`, { method: 'POST', body: 'words' })
        await expect(refused).rejects.toThrow()
      }
    }
    expect(await agent.refusal(`${seller.url}/near/0`)).toMatchObject({ code: 'HOST_OUT_OF_REACH', money: 'untouched' })
    expect(other.requests).toEqual([])
  })
}

throughEveryDoor('an agent follows redirects between its hosts, and pays where they end', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.path === '/old') return void response.writeHead(307, { location: '/new' }).end()
    return request.payment === undefined ? askToPay(response) : deliver(response, request)
  })
  const agent = shop({}, (client) => client.restrict({ hosts: [hostOf(seller)] }))
  expect(await agent.request(`${seller.url}/old`)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.authorizations().size).toBe(1)
})

throughEveryDoor('an agent hands no credentials on to another of its hosts', async ({ open, shop }) => {
  const other = await open(secret)
  const seller = await open((_request, response) => void response.writeHead(302, { location: other.url }).end())
  // Another origin by the port, and another host: the http adapter of axios tells origins apart by their hosts.
  const agent = shop({}, (client) => client.restrict({ hosts: [hostOf(seller), hostOf(other)] }))
  await agent.request(seller.url, { headers: { authorization: 'Bearer secret', cookie: 'a=b', 'x-own': 'yes' } })
  expect(other.requests.map(({ headers }) => [headers.authorization, headers.cookie, headers['x-own']])).toEqual([
    [undefined, undefined, 'yes'],
  ])
})

describe('an agent asks a public host as ever:', () => {
  const agentFetch = (send: typeof fetch) => wrapFetchWithPayment(send, createBuyer().client.restrict({ total: '$5' }))

  it('two hundred calls at once are answered', async () => {
    const seller = createSeller({ url: 'https://seller.example', answer: { ok: true } })
    const ask = agentFetch(seller.fetch)
    const asked = Array.from({ length: 200 }, (_, index) => ask(`https://seller.example/${index}`))
    expect((await Promise.all(asked)).filter(({ status }) => status !== 200)).toEqual([])
    expect(seller.payments).toHaveLength(200)
  })

  it('one that redirects, where the caller wants to see that', async () => {
    const redirects = async () => new Response(null, { status: 302, headers: { location: 'http://10.0.0.1' } })
    const init = { redirect: 'manual' } as const
    expect((await agentFetch(redirects)('https://seller.example', init)).status).toBe(302)
  })

  it('one that its own fetch completes', async () => {
    const seller = createSeller({ url: 'https://seller.example' })
    const ask = agentFetch((input, init) => seller.fetch(new URL(String(input), 'https://seller.example'), init))
    expect((await ask('/weather')).status).toBe(200)
    expect(await refusalOf(ask('//127.0.0.1/weather'))).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
  })

  it('and is handed nothing that a fetch brings which follows redirects by itself', async () => {
    const follows: typeof fetch = async () =>
      Object.defineProperty(new Response('secret'), 'url', { value: 'http://10.0.0.1/' })
    expect(await refusalOf(agentFetch(follows)('https://seller.example'))).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
  })
})
