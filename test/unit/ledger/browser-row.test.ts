import { expect, it } from 'vitest'
import { readRow, writeRow } from '../../../src/ledger/browser/row.js'
import { openRecord } from '../../../src/ledger/index.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'

it.each([[true], [undefined]] as const)('readRow: reads a payment as it was written, `unread` %s', (unread) => {
  const record = openRecord(createRecord({ unread, tags: ['a'] }), 'a1-0', 1_760_000_000)
  const read = readRow(writeRow(record, 1, 'a tab'))
  expect('value' in read && read.value.record).toMatchObject({ ...record, unread })
})
