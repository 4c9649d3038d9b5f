import { describe, expect, it } from 'vitest'
import { allowancesField, writeAllowances } from '../../../src/ledger/codec/charges.js'

const allowance = { by: 'eip2612GasSponsoring', asset: '0x1', spender: '0x2', amount: '7' }

describe('file ledger: allowances', () => {
  it('are written as texts, and with nothing else that a scheme put there', () => {
    const odd = { ...allowance, amount: 7n as unknown as string, signature: '0xsecret' }
    expect(writeAllowances([odd])).toEqual([allowance])
  })

  it.each([[[]], [[allowance]], [[allowance, allowance]]])('are read: %j', (written) => {
    expect(allowancesField.is(written)).toBe(true)
  })

  it.each([[undefined], [{}], [[null]], [[{ ...allowance, amount: 7 }]], [[{ by: 'a' }]]])('are not: %j', (written) => {
    expect(allowancesField.is(written)).toBe(false)
  })
})
