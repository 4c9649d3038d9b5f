import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { readAll } from '../../../src/testing/ledger/read-all.js'
import { describeLedgerContract } from '../../support/contracts/ledger.js'

describeLedgerContract('createMemoryLedger', { create: createMemoryLedger })

describe('createMemoryLedger', () => {
  it('holds its promises in this process', () => {
    expect(createMemoryLedger().guarantee).toBe('process')
  })

  it('lists frozen records, so that it needs no copies', async () => {
    const ledger = createMemoryLedger()
    await ledger.reserve(createRecord({ tags: ['a'] }), [])
    const [record] = await readAll(ledger)
    const parts = [record, record?.tags, record?.charges, ...(record?.charges ?? [])]
    expect(parts.map(Object.isFrozen)).toEqual([true, true, true, true, true])
  })

  it('gives payments of two ledgers different ids', async () => {
    const reservations = await Promise.all(
      [createMemoryLedger(), createMemoryLedger()].map((l) => l.reserve(createRecord(), [])),
    )
    const [first, second] = reservations.map((reservation) => ('id' in reservation ? reservation.id : 'refused'))
    expect(first).not.toBe(second)
  })

  it('asks for randomness only when a payment is made, since edge runtimes forbid it while a module loads', () => {
    let asked = 0
    createMemoryLedger({ random: (length) => new Uint8Array(length).fill(++asked) })
    expect(asked).toBe(0)
  })
})
