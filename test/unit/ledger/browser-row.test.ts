import { describe, expect, it } from 'vitest'
import { readRow, toKey, writeRow, writeValueRow } from '../../../src/ledger/browser/row.js'
import { createLineReader } from '../../../src/ledger/codec/line-reader.js'
import { openPayment } from '../../../src/payment/payment.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'

describe('readRow', () => {
  it.each([
    ['unread', true],
    [7n, false],
  ] as const)('reads a payment as it was written, `exposure` %s, `claimed` %s', (exposure, claimed) => {
    const payment = { ...openPayment(createDraft({ exposure, call: { tags: ['a'] } }), 'a1-0', 1_760_000_000), claimed }
    const read = readRow(writeRow(payment, 1, 'a tab'), createLineReader())
    expect('value' in read && read.value.said).toEqual({ is: 'payment', payment })
  })

  it.each([[{ by: 'Ann' }], [undefined]])('reads a value of the register as it was written: %j', (value) => {
    const read = readRow(writeValueRow('freeze', 'all', value, 1), createLineReader())
    expect('value' in read && read.value.said).toEqual({ is: 'value', kind: 'freeze', key: 'all', value })
  })

  it('takes no value for a payment, nor a value for another one', () => {
    const value = writeValueRow('freeze', 'all', true, 1)
    for (const key of [0, toKey('freeze', 'al'), toKey('freezeall', '')]) {
      expect(readRow({ ...value, key }, createLineReader())).toHaveProperty('problem')
    }
  })
})
