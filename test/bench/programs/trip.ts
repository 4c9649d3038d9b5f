import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { ClientOptions } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import { type Buyer, createAccount, createOfficial, createOurs } from '../../support/counts/buyers.js'
import { interleave, isQuick, measureTime, repeat, tellFigures, toMedian, toRatio } from '../figures.js'
import { startOtherProcess } from './other-process.js'

type Terms = NonNullable<NonNullable<ClientOptions['prepay']>[number]['terms']>

/**
 * Purchases from a seller that is 50 ms away and back: twenty in a row, and the first one over a new connection; prepaid, asked first, and by the
 * official client.
 */
const ROUND_TRIP_MS = 50
const CALLS = 20
const TURNS = isQuick() ? 1 : 3
const COLD_TURNS = isQuick() ? 3 : 15

const seller = await startOtherProcess(process.argv[2])
const account = createAccount()
const near = await openProxy()
/** As a file of the seller's would tell them. Its connection is there from now on. */
const terms: Terms = JSON.parse(atob((await fetch(near.url)).headers.get('payment-required') ?? ''))

const inARow = (create: (url: string) => Buyer) => async () => {
  const buy = create(near.url)
  return measureTime(() => repeat(CALLS, async () => (await buy(near.url)).text()))
}
const official = () => createOfficial(fetch, account)
const asked = () => createOurs(fetch, account)
const counts: number[] = []
const times = await interleave(
  {
    official: inARow(official),
    asked: inARow(asked),
    prepaid: async () => {
      const before = near.requests()
      const spent = await inARow(createPrepaying)()
      counts.push(near.requests() - before)
      return spent
    },
  },
  TURNS,
)

/** The first purchase from an address. All that is loaded on demand is here by now. */
const first = (create: (url: string) => Buyer) => async () => {
  const proxy = await openProxy() // another address has another connection
  const buy = create(proxy.url)
  const spent = await measureTime(async () => (await buy(proxy.url)).text())
  proxy.close()
  return spent
}
const cold = await interleave(
  {
    trip: () => measureTime(async () => (await fetch(near.url)).text()),
    official: first(official),
    asked: first(asked),
    known: first((url) => createPrepaying(url, terms)),
  },
  COLD_TURNS,
)
near.close()
await seller.stop()

const ms = (figures: readonly number[]) => `${(toMedian(figures) / 1000).toFixed(0)} ms`
const toTrips = (figures: readonly number[]) => ({
  ...toRatio(figures, cold.trip),
  official: toRatio(cold.official, cold.trip).now,
  note: `${ms(figures)}, official ${ms(cold.official)}; a round trip ${ms(cold.trip)}`,
})
tellFigures({
  trip: {
    ...toRatio(times.prepaid, times.official),
    note: `${ms(times.prepaid)} and ${Math.max(...counts)} requests; asked first ${ms(times.asked)}, official ${ms(times.official)}`,
  },
  'trip-cold': toTrips(cold.asked),
  'trip-cold-known': toTrips(cold.known),
})

function createPrepaying(url: string, terms?: Terms): Buyer {
  const limits = { perPayment: '$1', perDay: '$1000000' }
  const client = new x402Client({ limits, prepay: [{ route: url, terms }] })
  return wrapFetchWithPayment(fetch, client.register('eip155:*', new ExactEvmScheme(account)))
}

/** Opens a way to the seller that takes its time: for what is sent, for what comes back, and before that for the connection. */
async function openProxy() {
  const { port: sellerPort } = new URL(seller.url)
  const sockets = new Set<Socket>()
  let requests = 0
  const server = createServer((near) => {
    const far = connect(Number(sellerPort), '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('data', (chunk) => {
      if (/^(?:GET|POST) /.test(chunk.toString('latin1', 0, 5))) requests++
    })
    // The system opens a connection over the loopback at once.
    near.pipe(createDelay(setTimeout(ROUND_TRIP_MS))).pipe(far)
    far.pipe(createDelay()).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/paid`,
    requests: () => requests,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Half of the way there and back, for each piece by itself. @param open - What the first piece waits for. */
function createDelay(open?: Promise<unknown>): Transform {
  return new Transform({
    async transform(chunk, _, done) {
      await open
      await setTimeout(ROUND_TRIP_MS / 2)
      done(undefined, chunk)
    },
  })
}
