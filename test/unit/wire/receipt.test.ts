import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePaymentResponseHeader, encodePaymentResponseHeader } from '../../../src/index.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { decodeReceipt } from '../../../src/wire/receipt.js'

describe('decodePaymentResponseHeader', () => {
  it('decodes what encodePaymentResponseHeader wrote, for any receipt', () => {
    const text = fc.string({ maxLength: 100 })
    const receipts = fc.record(
      { success: fc.boolean(), transaction: text, network: text, payer: text, amount: text, errorReason: text },
      { requiredKeys: ['success', 'transaction', 'network'] },
    )
    fc.assert(
      fc.property(receipts, (receipt) => {
        expect(decodePaymentResponseHeader(encodePaymentResponseHeader(receipt))).toEqual(receipt)
      }),
    )
  })

  it('error: RECEIPT_MALFORMED when it is not one, and the money is in doubt', () => {
    for (const header of ['', '%', encodeJsonHeader({}), encodeJsonHeader({ success: 'yes' }), encodeJsonHeader([])]) {
      expect(() => decodePaymentResponseHeader(header)).toThrow(
        expect.objectContaining({ name: 'ReceiptError', code: 'RECEIPT_MALFORMED', money: 'in-doubt' }),
      )
    }
  })
})

it('decodeReceipt: reads nulls and absent texts as absent', () => {
  const header = encodeJsonHeader({ success: false, payer: null, errorReason: 'x', transaction: null })
  expect(decodeReceipt(header)).toEqual({ value: { success: false, transaction: '', network: '', errorReason: 'x' } })
})
