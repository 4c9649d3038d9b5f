import { afterEach, describe, expect, it, vi } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { noStore } from '../../../src/http/door.js'
import { paymentOf } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { recordFetch } from '../fetch/record-fetch.js'

/** As Cloudflare Workers did before 2024-11-11. */
class RequestWithoutCache extends Request {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    if (init?.cache !== undefined) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.")
    super(input, init)
  }
}

afterEach(() => void vi.unstubAllGlobals())

describe('noStore', () => {
  it('keeps out of caches', () => {
    expect(noStore()).toEqual({ cache: 'no-store' })
  })

  it('says nothing of caches where the platform fails each request that does', () => {
    vi.stubGlobal('Request', RequestWithoutCache)
    expect(noStore()).toEqual({})
  })

  it('asks each platform once', () => {
    let requests = 0
    class CountedRequest extends Request {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        super(input, init)
        requests++
      }
    }
    vi.stubGlobal('Request', CountedRequest)
    for (let call = 0; call < 3; call++) expect(noStore()).toEqual({ cache: 'no-store' })
    expect(requests).toBe(1)
  })

  it('says nothing of caches where there is no Request to ask', () => {
    vi.stubGlobal('Request', undefined)
    expect(noStore()).toEqual({})
  })
})

describe('wrapFetchWithPayment: a platform that fails each request that says anything of caches', () => {
  it('is one that it pays on', async () => {
    vi.stubGlobal('Request', RequestWithoutCache)
    const seller = await openSeller(sell)
    const { fetch: sent, calls } = recordFetch((input, init) => fetch(new Request(input, init)))
    const paidFetch = wrapFetchWithPayment(sent, createBuyer().client)
    expect(paymentOf(await paidFetch(`${seller.url}/weather`))?.money).toBe('settled')
    expect(calls.map(({ init }) => init !== undefined && 'cache' in init)).toEqual([false, false])
  })
})
