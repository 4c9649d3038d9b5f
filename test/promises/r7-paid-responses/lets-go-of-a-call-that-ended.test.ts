import { EventEmitter, getEventListeners } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import axios from 'axios'
import ky from 'ky'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'

/** How one call ends: what the seller does once it is paid, or asks for. */
type Ending = { readonly isPaid?: true; answer(response: ServerResponse): void }

const endings: Readonly<Record<string, Ending>> = {
  paid: { isPaid: true, answer: (response) => void response.end('{"ok":true}') },
  refused: { answer: (response) => askToPay(response, createRequired([createOffer({ amount: '999000000' })])) },
  'in doubt': { answer: (response) => void response.destroy() },
  rejected: { answer: (response) => askToPay(response) },
  redirected: {
    answer: (response) => {
      response.writeHead(307, { location: 'https://elsewhere.example/' })
      response.end('elsewhere')
    },
  },
  free: { isPaid: true, answer: (response) => void response.end('{}') },
}

/** A seller whose paths say how a call ends, and how many of its responses nobody has finished with. */
async function openEnding() {
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    open.add(response)
    response.once('close', () => open.delete(response))
    request.resume()
    const [, name = ''] = (request.url ?? '').split('/')
    const ending = endings[decodeURI(name)]
    const goesOn = name === 'goes-on'
    const isPaid = request.headers['payment-signature'] !== undefined
    if (isPaid && goesOn) response.writeHead(307, { location: 'https://elsewhere.example/' }).write('and on')
    else if (isPaid || name === 'refused' || name === 'free') ending?.answer(response)
    else askToPay(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, open }
}

type Call = (url: string, signal: AbortSignal, key: string) => Promise<unknown>
type Door = (buyer: ReturnType<typeof createBuyer>) => Call

const doors: Readonly<Record<string, Door>> = {
  fetch:
    ({ paidFetch }) =>
    async (url, signal, key) =>
      (await paidFetch(url, { method: 'POST', body: '{}', signal, headers: { 'idempotency-key': key } })).text(),
  ky: ({ client }) => {
    const api = wrapKyWithPayment(ky.create({ retry: 0, timeout: false }), client)
    return (url, signal, key) => api.post(url, { body: '{}', signal, headers: { 'idempotency-key': key } }).text()
  },
  'axios (http adapter)': ({ client }) => byAxios('http', client),
  'axios (fetch adapter)': ({ client }) => byAxios('fetch', client),
}

function byAxios(adapter: 'http' | 'fetch', client: ReturnType<typeof createBuyer>['client']) {
  const api = wrapAxiosWithPayment(axios.create({ adapter }), client)
  return (url: string, signal: AbortSignal, key: string) =>
    api.post(url, '{}', { signal, headers: { 'idempotency-key': key } })
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Waits until nothing more goes away. What fetch itself listens with goes with its request. */
async function settle(count: () => number, most: number): Promise<number> {
  for (let turns = 0; turns < 60 && count() > most; turns++) {
    collect()
    await wait(20)
  }
  return count()
}

const countTimers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length

/** Makes calls that end in every way, some at once, and says whether each ended as it should. */
async function callAndEnd(call: Call, url: string, signal: AbortSignal, count: number): Promise<boolean[]> {
  const names = Object.keys(endings)
  const asExpected: boolean[] = []
  for (let first = 0; first < count; first += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, async (_, index) => {
      const name = names[(first + index) % names.length] ?? ''
      const calling = call(`${url}/${encodeURI(name)}/${first + index}`, signal, `key-${first + index}`)
      // What fails isn't looked at: the seller's 402 in it is its caller's, to read or to drop.
      const isPaid = await calling.then(
        () => true,
        () => false,
      )
      return isPaid === (endings[name]?.isPaid === true)
    })
    asExpected.push(...(await Promise.all(batch)))
  }
  return asExpected
}

const AT_ONCE = 20

const createLoneBuyer = (ledger: Ledger) =>
  createBuyer({ ledger, circuit: false, limits: { perPayment: '$1', perDay: '$1000' } })

describe('a call that ended holds nothing of its caller’s, of the seller’s or of the process’s:', () => {
  for (const [door, open] of Object.entries(doors)) {
    it.each<[string, number, () => Ledger]>([
      ['1,000 calls', 1000, () => createMemoryLedger()],
      ['40 calls on a ledger of 8 ms', 40, () => createSlowLedger(createMemoryLedger())],
    ])(
      `by ${door}, after %s on one signal`,
      async (_name, count, createLedger) => {
        const seller = await openEnding()
        const call = open(createLoneBuyer(createLedger()))
        const { signal } = new AbortController()
        EventEmitter.setMaxListeners(0, signal)
        const timers = countTimers()
        expect(await callAndEnd(call, seller.url, signal, count)).not.toContain(false)
        expect(await settle(() => getEventListeners(signal, 'abort').length, 2)).toBeLessThanOrEqual(2)
        expect(await settle(() => seller.open.size, 0)).toBe(0)
        expect(await settle(countTimers, timers)).toBeLessThanOrEqual(timers)
      },
      60_000,
    )

    it(`by ${door}, after calls that were aborted at any moment`, async () => {
      const seller = await openEnding()
      const call = open(createLoneBuyer(createSlowLedger(createMemoryLedger())))
      const timers = countTimers()
      for (let milliseconds = 0; milliseconds < 40; milliseconds += 4) {
        const caller = new AbortController()
        setTimeout(() => caller.abort(), milliseconds)
        await call(`${seller.url}/hangs/${milliseconds}`, caller.signal, `key-${milliseconds}`).catch(() => undefined)
        expect(await settle(() => getEventListeners(caller.signal, 'abort').length, 0)).toBe(0)
      }
      expect(await settle(() => seller.open.size, 0)).toBe(0)
      expect(await settle(countTimers, timers)).toBeLessThanOrEqual(timers)
    })
  }

  it('by fetch, a redirect that isn’t followed, whose body goes on', async () => {
    const seller = await openEnding()
    const { paidFetch } = createLoneBuyer(createMemoryLedger())
    await expect(paidFetch(`${seller.url}/goes-on`)).rejects.toMatchObject({ code: 'REDIRECTED_ELSEWHERE' })
    for (let turns = 0; turns < 60 && seller.open.size > 0; turns++) await wait(20)
    expect(seller.open.size).toBe(0)
  })
})
