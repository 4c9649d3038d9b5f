import { describe, expect, it } from 'vitest'
import { fitEcho, fitsBack, MAX_PAYMENT_HEADER } from '../../../src/wire/encoded-payment.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import type { JsonObject } from '../../../src/wire/json.js'

const payload = { authorization: { from: '0x1' }, signature: '0x2' }
const long = (length: number) => 'x'.repeat(length)
const shorten = (extensions: Record<string, unknown> | undefined, resource?: JsonObject, answered: string[] = []) =>
  fitEcho(
    { x402Version: 2, payload, ...(extensions && { extensions }), ...(resource && { resource }) },
    () => new Set(answered),
  )

describe('fitEcho', () => {
  it('changes nothing that fits, and asks nobody who answered', () => {
    const payment = { x402Version: 2, payload, extensions: { a: { info: {}, schema: {} } } }
    const asked: string[] = []
    const answered = () => {
      asked.push('asked')
      return new Set<string>()
    }
    expect(fitEcho(payment, answered)).toBe(payment)
    expect(asked).toEqual([])
  })

  it('drops schemas first', () => {
    const info = { text: 'kept' }
    const resource = { url: 'https://api.example.com/', description: 'kept' }
    const fitted = shorten({ a: { info, schema: { text: long(9000) } } }, resource)
    expect(fitted).toEqual({ x402Version: 2, payload, extensions: { a: { info } }, resource })
  })

  it('drops what the resource says beside its address next', () => {
    const fitted = shorten({ a: { info: {} } }, { url: 'https://api.example.com/', description: long(9000) })
    expect(fitted.resource).toEqual({ url: 'https://api.example.com/' })
    expect(fitted.extensions).toEqual({ a: { info: {} } })
  })

  it('drops the largest extensions at last, but none that was answered', () => {
    const extensions = { small: { n: 1 }, large: { text: long(9000) }, answered: { text: long(3000) } }
    expect(Object.keys(shorten(extensions, undefined, ['answered']).extensions ?? {})).toEqual(['small', 'answered'])
  })

  it('drops the extensions as a whole when none is left', () => {
    expect(shorten({ only: { text: long(9000) } })).toEqual({ x402Version: 2, payload })
  })

  it('keeps of an answered extension its info alone, where nothing else is left to go', () => {
    const extensions = { answered: { info: { text: long(3000) }, note: long(3500) } }
    expect(shorten(extensions, undefined, ['answered']).extensions).toEqual({
      answered: { info: { text: long(3000) } },
    })
  })

  it('drops the address where the entry leaves no room for it, before the name of the payment', () => {
    const extensions = { 'payment-identifier': { info: { id: 'pay402_1' } } }
    const resource = { url: `https://api.example.com/${long(1500)}` }
    const accepted = { text: long(4600) }
    const payment = { x402Version: 2, payload, extensions, resource, accepted }
    expect(fitEcho(payment, () => new Set(['payment-identifier']))).toEqual({
      x402Version: 2,
      payload,
      extensions,
      accepted,
    })
  })

  it('drops the name of the payment where a seller says so much about it that nothing else would fit', () => {
    const extensions = { 'payment-identifier': { info: { id: 'pay402_1', text: long(7000) } }, permit: { info: {} } }
    const fitted = shorten(extensions, undefined, ['payment-identifier', 'permit'])
    expect(fitted.extensions).toEqual({ permit: { info: {} } })
  })

  it('never touches what was signed', () => {
    const signature = `0x${long(20_000)}`
    expect(fitEcho({ x402Version: 2, payload: { signature }, extensions: { a: 1 } }, () => new Set()).payload).toEqual({
      signature,
    })
  })

  it('counts bytes, not characters', () => {
    const fitted = shorten({ a: { text: '₮'.repeat(3000) } })
    expect(encodeJsonHeader(fitted).length).toBeLessThanOrEqual(MAX_PAYMENT_HEADER)
  })
})

describe('fitsBack', () => {
  it('leaves room for what the scheme signs', () => {
    expect(fitsBack({ text: long(4000) })).toBe(true)
    expect(fitsBack({ text: long(4100) })).toBe(false)
  })
})
