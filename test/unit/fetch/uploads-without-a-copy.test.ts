import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { recordFetch } from './record-fetch.js'

const MEGABYTE = 1024 * 1024

/** Every way to read a blob. */
const WAYS = ['arrayBuffer', 'slice', 'stream', 'text'] as const

/** A free route that counts what it is sent, and keeps none of it. */
async function openFreeRoute(): Promise<{ url: string; received(): number }> {
  let bytes = 0
  const server = createServer(async (request, response) => {
    for await (const chunk of request) bytes += chunk.length
    response.end('free')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/`, received: () => bytes }
}

/** A blob that notes how it is read. */
function createWatchedBlob(size: number): { blob: Blob; reads: string[] } {
  const blob = new Blob([new Uint8Array(size)])
  const reads: string[] = []
  for (const way of WAYS) {
    const read = () => {
      reads.push(way)
      return Reflect.get(Blob.prototype, way)
    }
    Object.defineProperty(blob, way, { get: read })
  }
  return { blob, reads }
}

it('wrapFetchWithPayment: hands `init.body` on unread, so that 100 MB to a free route are never copied', async () => {
  const { url, received } = await openFreeRoute()
  const { blob, reads } = createWatchedBlob(100 * MEGABYTE)
  const { fetch: recorded, calls } = recordFetch((input, init) => {
    expect(reads).toEqual([])
    return fetch(input, init)
  })
  const paidFetch = wrapFetchWithPayment(recorded, createBuyer().client)
  await (await paidFetch(url, { method: 'POST', body: blob })).text()
  expect(calls.map(({ init }) => init?.body === blob)).toEqual([true])
  expect(received()).toBe(100 * MEGABYTE)
  const paying = reads.splice(0)
  await (await fetch(url, { method: 'POST', body: blob })).text()
  expect(paying).toEqual(reads)
})
