import { createServer } from 'node:http'
import { listen } from '../support/chain/listen.js'
import { createBuyer } from '../support/create-buyer.js'
import { askToPay } from '../support/offers.js'
import { waitForRoom } from '../support/wait-for-room.js'
import type { Figures } from './figures.js'
import { measureMemory } from './measure-memory.js'

const MEGABYTE = 1024 * 1024
const MEGABYTES = 100
const TURNS = 5

/** Measures how much memory a large paid download holds while it flows, turn by turn with plain fetch. The seller is in this process. */
export async function measureDownload(): Promise<Figures> {
  const chunk = Buffer.alloc(MEGABYTE, 1)
  const server = createServer(async (request, response) => {
    if (request.url === '/paid' && request.headers['payment-signature'] === undefined) return askToPay(response)
    for (let written = 0; written < MEGABYTES && !response.destroyed; written++) {
      if (!response.write(chunk)) await waitForRoom(response)
    }
    response.end()
  })
  const { url, stop } = await listen(server)
  const { paidFetch } = createBuyer()
  const held: [number[], number[]] = [[], []]
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      held[0].push(await measureMemory(() => download(paidFetch, `${url}/paid`)))
      held[1].push(await measureMemory(() => download(fetch, `${url}/free`)))
    }
  } finally {
    await stop()
  }
  const [paying = Number.NaN, plain = Number.NaN] = held.map((list) => list.sort((x, y) => x - y)[TURNS >> 1])
  process.stdout.write(
    `${'memory of a paid download of 100 MB'.padEnd(46)} ${toText(paying)} MB against ${toText(plain)} MB of plain fetch: ${(paying / plain).toFixed(2)}\n`,
  )
  return {}
}

async function download(send: typeof fetch, url: string): Promise<void> {
  for await (const _part of (await send(url)).body ?? []);
}

function toText(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1)
}
