import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const identified = createRequired(undefined, { extensions: { 'payment-identifier': { info: { required: false } } } })

/** A seller that asks for a name of each payment, and the names that it was given. */
async function openNamingSeller({ drops = 0 } = {}) {
  const names: string[] = []
  let dropped = 0
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response, identified)
    names.push(JSON.stringify(request.payment.extensions?.['payment-identifier']).replace(/.*"id":"([^"]*)".*/, '$1'))
    if (dropped++ < drops) response.destroy()
    else deliver(response, request)
  })
  return { url: seller.url, names }
}

async function payThrice(options: ClientOptions = {}) {
  const seller = await openNamingSeller()
  const buyer = createBuyer(options)
  for (let call = 0; call < 3; call++) await buyer.paidFetch(seller.url)
  return { names: seller.names, ids: (await buyer.records()).map(({ id }) => id) }
}

/** The bytes that a source gave, each time that it was asked for so many. */
function listen(length: number) {
  const drawn: string[] = []
  const random = (bytes: number) => {
    const given = systemRandomBytes(bytes)
    if (bytes === length) drawn.push(Buffer.from(given).toString('hex'))
    return given
  }
  return { drawn, random }
}

describe('payment-identifier:', () => {
  it('is sixteen bytes that the client drew, for each payment anew', async () => {
    const { drawn, random } = listen(16)
    const { names } = await payThrice({ random, ledger: createMemoryLedger() })
    expect(new Set(names).size).toBe(3)
    expect(names).toEqual(drawn.map((hex) => `pay402_${hex}`))
    for (const name of names) expect(name).toMatch(/^pay402_[0-9a-f]{32}$/)
  })

  it("holds nothing of the ledger's own ids", async () => {
    const ledger = createMemoryLedger({ random: createCounter() })
    const { names, ids } = await payThrice({ ledger })
    expect(ids).toHaveLength(3)
    for (const part of ids.flatMap((id) => id.split('-')).filter((text) => text.length > 4)) {
      expect(names.join()).not.toContain(part)
    }
  })

  it('tells no payment by another: two of them have no beginning in common', async () => {
    const { names } = await payThrice()
    const beginnings = names.map((name) => name.slice('pay402_'.length, 'pay402_'.length + 8))
    expect(new Set(beginnings).size).toBe(3)
  })

  it('stays as it was when the same payment is presented again', async () => {
    const seller = await openNamingSeller({ drops: 3 })
    const buyer = createBuyer()
    await refusalOf(buyer.paidFetch(seller.url))
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(seller.names).toHaveLength(4)
    expect(new Set(seller.names).size).toBe(1)
  })

  it('is not written with too few bytes: error: INVALID_OPTION, and the signature is dropped', async () => {
    const seller = await openNamingSeller()
    const random = (length: number) => systemRandomBytes(length === 16 ? 4 : length)
    const buyer = createBuyer({ random, ledger: createMemoryLedger() })
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'INVALID_OPTION', money: 'released' })
    expect(seller.names).toEqual([])
    expect(await buyer.records()).toMatchObject([{ state: 'released' }])
  })
})
