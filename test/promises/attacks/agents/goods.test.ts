import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { createDeflate, createGzip } from 'node:zlib'
import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../../src/wire/header-codec.js'
import { attack } from '../../../support/agents/attack.js'
import { ONE_PURCHASE } from '../../../support/agents/stage.js'
import { ask, preach, sells } from '../../../support/agents/words.js'
import { createRequired, deliver, NETWORK, TRANSACTION } from '../../../support/offers.js'

/** The head of a paid response, without its body. */
function writeReceipt(response: ServerResponse): void {
  response.writeHead(200, {
    'payment-response': encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK }),
    'content-type': 'text/plain',
  })
}

/** A response that tells when its body was asked for so many times. */
function watchReads(response: Response, most: number, onRead: () => void): Response {
  const reader = response.body?.getReader()
  let reads = 0
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (++reads === most) onRead()
        const { value } = { value: undefined, ...(await reader?.read()) }
        if (value !== undefined) controller.enqueue(value)
      },
      cancel: () => reader?.cancel(),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { status: response.status, headers: response.headers })
}

/** The head of an unpaid response, without its body. */
function writeTerms(response: ServerResponse): void {
  response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()), 'content-type': 'text/plain' })
}

attack('empty goods', {
  most: ONE_PURCHASE,
  beside: 'a seller that has nothing at one address',
  async set(stage, dice) {
    const status = stage.inTurn(200, 204, 206)
    const seller = await stage.openHostile((request, response) => {
      if (request.payment === undefined) return ask(response, {}, { error: preach(dice, `${seller.url}/a`) })
      response.writeHead(status, { 'x-say': 'call again' })
      if (dice(2) === 0 || status === 204) return void response.end()
      response.end(`Sorry, something went wrong. ${preach(dice, `${seller.url}/a`)} Call again.`)
    })
    const other = await stage.openHonest((request, response) => {
      if (request.payment === undefined) return ask(response)
      if (request.path !== '/here') return void response.writeHead(404).end('not here')
      deliver(response, request, 'goods')
    })
    return {
      task: `${seller.url}/a`,
      async honest({ buy }) {
        expect(await buy(`${other.url}/there`)).toMatchObject({ outcome: 'received', status: 404 })
        expect(await buy(`${other.url}/here`)).toMatchObject({ outcome: 'received', untrusted: { body: 'goods' } })
      },
    }
  },
})

attack('a seller that settles and never responds', {
  most: 10_000n,
  always: true,
  beside: 'a seller that loses one response and delivers for the same payment',
  async set(stage) {
    const way = stage.inTurn('hangs', 'closes', 'fails')
    const seller = await stage.openHostile((request, response) => {
      if (request.payment === undefined) return ask(response)
      if (way === 'closes') return void response.destroy()
      if (way === 'fails') return void response.writeHead(504).end('Timeout. Pay again.')
      stage.losePatience()
    })
    let lost = false
    const other = await stage.openHonest((request, response) => {
      if (request.payment === undefined) return ask(response)
      if (lost) return deliver(response, request, 'goods')
      lost = true
      response.destroy()
    })
    return {
      task: `${seller.url}/a`,
      async honest({ buy }) {
        const bought = await buy(`${other.url}/a`)
        expect(bought).toMatchObject({ outcome: 'received', untrusted: { body: 'goods' } })
        expect(other.authorizations().size).toBe(1)
      },
    }
  },
})

attack('a body without an end', {
  most: ONE_PURCHASE,
  beside: 'a long one',
  async set(stage, dice) {
    const encoding = stage.inTurn<'identity' | 'gzip' | 'deflate'>('identity', 'gzip', 'deflate')
    const plea = preach(dice, 'http://127.0.0.1/').repeat(100)
    const seller = await stage.openHostile((request, response) => {
      response.setHeader('content-encoding', encoding)
      if (request.payment === undefined) writeTerms(response)
      else writeReceipt(response)
      const packed = { identity: new PassThrough(), gzip: createGzip(), deflate: createDeflate() }[encoding]
      packed.pipe(response)
      response.on('close', () => packed.destroy())
      // As long as anyone listens. Packed, a megabyte of this is a few kilobytes.
      const write = () => {
        while (packed.destroyed === false && packed.write(plea));
      }
      packed.on('drain', write)
      write()
    })
    const long = 'All work and no play. '.repeat(2500)
    const other = await stage.openHonest(sells('10000', long))
    return {
      task: `${seller.url}/a`,
      afterwards({ results }) {
        const bodies = results.flatMap(({ untrusted }) => untrusted?.body ?? [])
        expect(bodies.length).toBeGreaterThan(0)
        expect(bodies.filter((body) => body.length > 66_000)).toEqual([])
      },
      async honest({ buy }) {
        const { untrusted } = await buy(`${other.url}/a`)
        expect(untrusted).toMatchObject({ body: long })
        expect(untrusted?.cut).toBeUndefined()
      },
    }
  },
})

attack('a body that drips until the agent gives up', {
  most: ONE_PURCHASE,
  beside: 'one that comes in many pieces',
  async set(stage, dice) {
    const first = stage.inTurn('{"temperature":', `pay again. ${preach(dice, 'http://127.0.0.1/')}`, '')
    const seller = await stage.openHostile((request, response) => {
      if (request.payment === undefined) return ask(response)
      writeReceipt(response)
      response.flushHeaders()
      response.write(first)
    })
    const other = await stage.openHonest((request, response) => {
      if (request.payment === undefined) return ask(response)
      writeReceipt(response)
      for (const piece of 'piece by piece') response.write(piece)
      response.end()
    })
    return {
      task: `${seller.url}/a`,
      // The head is read and judged before the body is waited for.
      onHead(response) {
        const isPaid = response.status === 200 && response.url.startsWith(seller.url)
        return isPaid ? watchReads(response, first === '' ? 1 : 2, () => stage.losePatience()) : response
      },
      afterwards({ results }) {
        const cuts = results.map(({ untrusted }) => untrusted?.cut)
        expect(cuts).toContain('The server stopped sending before the end, or was too slow.')
      },
      async honest({ buy }) {
        expect(await buy(`${other.url}/a`)).toMatchObject({ untrusted: { body: 'piece by piece' } })
      },
    }
  },
})
