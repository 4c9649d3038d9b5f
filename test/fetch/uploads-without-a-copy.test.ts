import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { measureMemory } from '../conformance/measure-memory.js'
import { createBuyer } from '../support/create-buyer.js'

const MEGABYTE = 1024 * 1024

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

it('wrapFetchWithPayment: holds no more than plain fetch while 100 MB of `init.body` go to a free route', async () => {
  const { url, received } = await openFreeRoute()
  const { paidFetch } = createBuyer()
  const body = new Blob([new Uint8Array(100 * MEGABYTE)])
  const upload = (send: typeof fetch) =>
    measureMemory(async () => void (await (await send(url, { method: 'POST', body })).text()))
  const plain = await upload(fetch)
  const paying = await upload(paidFetch)
  expect(received()).toBe(200 * MEGABYTE)
  expect(paying).toBeLessThan(plain + 20 * MEGABYTE)
})
