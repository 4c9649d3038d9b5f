import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../../src/cli/config/config.js'
import { createShop, SOLD } from '../../../unit/agents/create-shop.js'

describe('an operator who means "no bound"', () => {
  it.each([2 ** 40, Number.MAX_SAFE_INTEGER])(
    'by %i bytes is told of what was paid, and pays once',
    async (maxBytes) => {
      const { seller, buy } = createShop({}, { maxBytes })
      expect(await buy({ url: SOLD })).toMatchObject({ outcome: 'received', money: 'settled', price: '$0.01' })
      expect(await buy({ url: SOLD })).toMatchObject({
        outcome: 'received',
        what: expect.stringContaining('Nothing was paid now.'),
      })
      expect(seller.payments).toHaveLength(1)
    },
  )

  it.each([2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER])(
    'by %i milliseconds is told that no timer waits so long',
    (timeoutMs) => {
      expect(() => createShop({}, { timeoutMs })).toThrow('timeoutMs` must be at most 2147483647 milliseconds')
      const text = `{ "key": { "env": "K" }, "limits": { "networks": ["eip155:1"] },\n"tools": { "timeoutMs": ${timeoutMs} } }`
      expect(readConfig(text)).toEqual({
        problems: [{ line: 2, option: 'tools.timeoutMs', text: 'must be at most 2147483647, which is 24 days' }],
      })
    },
  )
})

describe('an operator whose files are never written', () => {
  it('is told of what was paid, in time', async () => {
    const files = () => new Promise<string>(() => undefined)
    const answer = () => new Response(new Uint8Array(9), { headers: { 'content-type': 'image/png' } })
    const { seller, buy } = createShop({ answer }, { files, timeoutMs: 300 })
    const untrusted = { cut: 'The file could not be written. Tell the person you work for.' }
    expect(await buy({ url: SOLD })).toMatchObject({ outcome: 'received', money: 'settled', untrusted })
    expect(seller.payments).toHaveLength(1)
  })
})
