import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'

/** A form that counts how often it was copied. */
function createCountedForm() {
  let made = 0
  class CountedForm extends FormData {
    constructor() {
      super()
      made++
    }
  }
  const form = new CountedForm()
  form.append('a', '1')
  return { form, copies: () => made - 1 }
}

async function open(handler: Handler = sell) {
  const seller = await openSeller(handler)
  const buyer = createBuyer({ prepay: [{ route: `${seller.url}/named` }] })
  const post = (path: string, body: BodyInit) => buyer.paidFetch(`${seller.url}${path}`, { method: 'POST', body })
  return { seller, ...buyer, post, texts: () => seller.requests.map(({ body }) => body.toString()) }
}

const free: Handler = (_, response) => void response.end('free')

describe('a body', () => {
  it('isn’t copied for a call that no route names, unless it has to be paid for', async () => {
    const { post } = await open(free)
    const { form, copies } = createCountedForm()
    expect((await post('/other', form)).status).toBe(200)
    expect(copies()).toBe(0)
    expect((await post('/named', form)).status).toBe(200)
    expect(copies()).toBe(1)
  })

  it('is copied once for a named call, however often it’s sent', async () => {
    const { post, seller } = await open()
    const { form, copies } = createCountedForm()
    await post('/named', form)
    expect([copies(), seller.requests.length]).toEqual([1, 2])
    await post('/named', form)
    expect([copies(), seller.requests.length]).toEqual([2, 3])
  })

  it('isn’t copied by axios for a call that no route names', async () => {
    const { client, seller } = await open(free)
    const api = wrapAxiosWithPayment(axios.create({ adapter: 'fetch' }), client)
    const { form, copies } = createCountedForm()
    expect((await api.post(`${seller.url}/other`, form)).data).toBe('free')
    const others = copies()
    expect((await api.post(`${seller.url}/named`, form)).data).toBe('free')
    expect(copies() - others).toBe(others + 1)
  })
})

describe.each([
  ['that no route names', '/other', 0],
  ['that is named, and asked for', '/named', 0],
  ['that is prepaid', '/named', 1],
])('a call %s', (_, path, before) => {
  it('sends the bytes that it was made with, whatever becomes of them meanwhile', async () => {
    const { post, texts } = await open(path === '/other' ? free : sell)
    for (let call = 0; call < before; call++) await post(path, 'known')
    const begin = texts().length
    const bytes = new TextEncoder().encode('as it was')
    const bought = post(path, bytes)
    bytes.fill(0x2d)
    expect((await bought).status).toBe(200)
    expect(new Set(texts().slice(begin))).toEqual(new Set(['as it was']))
  })
})

it('a call that falls back to asking: asks with the bytes that it was made with', async () => {
  const { seller, post, paidFetch, texts } = await open()
  await post('/named', 'known')
  const bytes = new TextEncoder().encode('as it was')
  const bought = paidFetch(`${seller.url}/named`, { method: 'POST', body: bytes, x402: { max: '$0.001' } })
  bytes.fill(0x2d)
  await expect(bought).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
  expect(texts()).toEqual(['known', 'known', 'as it was'])
})
