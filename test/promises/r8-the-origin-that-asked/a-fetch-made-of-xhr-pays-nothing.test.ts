import axios from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { Payer } from '../../../src/client/payer.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** As `whatwg-fetch` marks its own, which follows redirects by XMLHttpRequest, whatever it is told. */
const xhrFetch = Object.assign((...asked: Parameters<typeof fetch>) => fetch(...asked), { polyfill: true })

type Word = { readonly redirects?: 'unknown' | 'never-followed' }

const doors: Readonly<Record<string, (client: Payer, url: string, word: Word) => Promise<unknown>>> = {
  fetch: async (client, url, word) => (await wrapFetchWithPayment(xhrFetch, client, word)(url)).json(),
  ky: (client, url, word) =>
    wrapKyWithPayment(
      ky.create({ retry: 0, fetch: xhrFetch }),
      client,
      word,
    )(url)
      .json()
      .catch((error: Error) => Promise.reject(error.cause)),
  axios: (client, url, word) =>
    wrapAxiosWithPayment(axios.create({ adapter: 'fetch', env: { fetch: xhrFetch } }), client, word)
      .get(url)
      .then(
        ({ data }) => data,
        (error: Error) => Promise.reject(error.cause),
      ),
}

describe.each(Object.entries(doors))('R8, a fetch that is made of XMLHttpRequest, by %s:', (_door, buy) => {
  it('error: TRANSPORT_MAY_REDIRECT, and nothing is signed', async () => {
    const [seller, { client, signatures }] = [await openSeller(sell), createBuyer()]
    const error = await refusalOf(buy(client, seller.url, {}))
    expect(error).toMatchObject({ code: 'TRANSPORT_MAY_REDIRECT', money: 'untouched' })
    expect(signatures()).toBe(0)
  })

  it('pays where its owner gives their word that no redirect comes', async () => {
    const [seller, { client, signatures }] = [await openSeller(sell), createBuyer()]
    expect(await buy(client, seller.url, { redirects: 'never-followed' })).toEqual({ ok: true })
    expect(signatures()).toBe(1)
  })

  it('error: INVALID_OPTION for any other word', async () => {
    const word = { redirects: 'always' } as unknown as Word // what a program without types writes
    const asked = Promise.resolve().then(() => buy(createBuyer().client, 'http://127.0.0.1:9/', word))
    expect(await refusalOf(asked)).toMatchObject({ code: 'INVALID_OPTION' })
  })
})
