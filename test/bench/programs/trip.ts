import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import { type Buyer, createAccount, createOfficial, createOurs } from '../../support/counts/buyers.js'
import { interleave, isQuick, measureTime, repeat, tellFigures, toMedian, toRatio } from '../figures.js'
import { startOtherProcess } from './other-process.js'

/** Twenty purchases in a row from a seller that is 50 ms away and back: prepaid, asked first, and by the official client. */
const ROUND_TRIP_MS = 50
const CALLS = 20
const TURNS = isQuick() ? 1 : 3

const seller = await startOtherProcess(process.argv[2])
const account = createAccount()
let requests = 0

const { port: sellerPort } = new URL(seller.url)
const sockets = new Set<Socket>()
const proxy = createServer((near) => {
  const far = connect(Number(sellerPort), '127.0.0.1')
  for (const socket of [near, far]) {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  }
  near.on('data', (chunk) => {
    if (/^(?:GET|POST) /.test(chunk.toString('latin1', 0, 5))) requests++
  })
  near.pipe(createDelay()).pipe(far)
  far.pipe(createDelay()).pipe(near)
})
proxy.listen(0, '127.0.0.1')
await once(proxy, 'listening')
const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/paid`

const time = (create: () => Buyer) => async () => {
  const buy = create()
  return measureTime(() => repeat(CALLS, async () => (await buy(url)).text()))
}
const counts: number[] = []
const times = await interleave(
  {
    official: time(() => createOfficial(fetch, account)),
    asked: time(() => createOurs(fetch, account)),
    prepaid: async () => {
      requests = 0
      const spent = await time(createPrepaying)()
      counts.push(requests)
      return spent
    },
  },
  TURNS,
)
for (const socket of sockets) socket.destroy()
proxy.close()
await seller.stop()

const ms = (figures: readonly number[]) => `${(toMedian(figures) / 1000).toFixed(0)} ms`
tellFigures({
  trip: {
    ...toRatio(times.prepaid, times.official),
    note: `${ms(times.prepaid)} and ${Math.max(...counts)} requests; asked first ${ms(times.asked)}, official ${ms(times.official)}`,
  },
})

function createPrepaying(): Buyer {
  const limits = { perPayment: '$1', perDay: '$1000000' }
  const client = new x402Client({ limits, prepay: [{ route: url }] })
  return wrapFetchWithPayment(fetch, client.register('eip155:*', new ExactEvmScheme(account)))
}

/** Half of the way there and back, for each piece by itself. */
function createDelay(): Transform {
  return new Transform({
    transform(chunk, _, done) {
      setTimeout(ROUND_TRIP_MS / 2).then(() => done(undefined, chunk))
    },
  })
}
