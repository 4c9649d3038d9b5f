import { expect, it, vi } from 'vitest'
import { createBuyer } from '../../support/create-buyer.js'
import { askFor } from '../flow/ask-for.js'

const PART = '../../../src/client/hand-outs/kept-hand-outs.js'

it('createPaymentPayload: hands out a payment once its part can be loaded, after it could not', async () => {
  const { client, records } = createBuyer()
  const options = { url: 'https://api.example.com/weather' }
  vi.doMock(PART, () => {
    throw new Error('the page is older than its server')
  })
  await expect(client.createPaymentPayload(askFor(), options)).rejects.toMatchObject({ code: 'PART_NOT_LOADED' })
  expect(await records()).toEqual([])
  vi.doUnmock(PART)
  expect(await client.createPaymentPayload(askFor(), options)).toMatchObject({ x402Version: 2 })
})
