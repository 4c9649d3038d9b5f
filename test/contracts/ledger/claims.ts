import { expect, it } from 'vitest'
import type { Delivery, State } from '../../../src/flow/ports.js'
import { type Bench, createPresentation } from './create-bench.js'

const PAYER = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B'
const lost = { delivery: 'lost' } as const

export function describeClaims(open: () => Promise<Bench>): void {
  it('claim: gives a lost payment to one of many concurrent askers', async () => {
    const { ledger, pay } = await open()
    const id = await pay('sent', {}, lost)
    const claims = await Promise.all(Array.from({ length: 100 }, () => ledger.claim('weather', [PAYER])))
    expect(claims.flatMap((record) => (record ? [[record.id, record.claimed]] : []))).toEqual([[id, true]])
  })

  it.each<[State, Delivery, boolean]>([
    ['reserved', 'none', false],
    ['signed', 'none', false],
    ['sent', 'none', false],
    ['sent', 'lost', true],
    ['sent', 'answered', false],
    ['settled', 'none', false],
    ['settled', 'lost', true],
    ['settled', 'answered', false],
    ['released', 'lost', false],
  ])('claim: of a payment that is %s with delivery %s: %s', async (state, delivery, isGiven) => {
    const { ledger, pay } = await open()
    await pay(state, {}, { delivery })
    expect((await ledger.claim('weather', [PAYER])) !== undefined).toBe(isGiven)
  })

  it('claim: gives nothing of another purchase', async () => {
    const { ledger, pay } = await open()
    await pay('sent', {}, lost)
    expect(await ledger.claim('news', [PAYER])).toBeUndefined()
  })

  it.each([
    ['no payer', PAYER, [], false],
    ['another payer', PAYER, ['0x1'], false],
    ['the payer in other capitals, where it is hexadecimal', PAYER, ['0x1', PAYER.toLowerCase()], true],
    ['the payer', 'So1Payer', ['So1Payer'], true],
    ['the payer in other capitals', 'So1Payer', ['so1payer'], false],
    ['any payer, where the record names none', undefined, [PAYER, ''], true],
  ])('claim: by %s', async (_, payer, payers, isGiven) => {
    const { ledger, pay } = await open()
    await pay('sent', { payer }, lost)
    expect((await ledger.claim('weather', payers)) !== undefined).toBe(isGiven)
  })

  it('claim: ends with the next move', async () => {
    const { ledger, pay, find } = await open()
    const id = await pay('sent', {}, lost)
    expect(await ledger.claim('weather', [PAYER])).toMatchObject({ id, claimed: true })
    expect(await ledger.claim('weather', [PAYER])).toBeUndefined()
    await ledger.move(id, ['sent'], 'sent', {})
    expect((await find(id)).claimed).toBe(false)
    expect(await ledger.claim('weather', [PAYER])).toMatchObject({ id })
  })

  it('claim: gives nothing once the answer arrived', async () => {
    const { ledger, pay } = await open()
    const id = await pay('sent', {}, lost)
    await ledger.claim('weather', [PAYER])
    await ledger.move(id, ['sent'], 'settled', { delivery: 'answered' })
    expect(await ledger.claim('weather', [PAYER])).toBeUndefined()
  })

  it('claim: of several lost payments gives each once, the one that was lost last first', async () => {
    const { ledger, pay } = await open()
    const first = await pay('sent', {}, lost)
    const second = await pay('sent', {}, lost)
    expect((await ledger.claim('weather', [PAYER]))?.id).toBe(second)
    expect((await ledger.claim('weather', [PAYER]))?.id).toBe(first)
    expect(await ledger.claim('weather', [PAYER])).toBeUndefined()
  })

  it('claim: hands out what has to be presented', async () => {
    const { ledger, pay } = await open()
    const presentation = createPresentation()
    const id = await pay('sent', {}, { presentation, nonce: '0x1' })
    await ledger.move(id, ['sent'], 'sent', lost)
    expect(await ledger.claim('weather', [PAYER])).toMatchObject({ presentation, nonce: '0x1' })
  })
}
