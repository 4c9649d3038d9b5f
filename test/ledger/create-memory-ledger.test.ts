import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../src/ledger/index.js'
import { createRecord } from '../contracts/ledger/create-bench.js'
import { describeLedgerContract } from '../contracts/ledger.js'

describeLedgerContract('createMemoryLedger', { create: async (ports) => createMemoryLedger(ports) })

describe('createMemoryLedger', () => {
  it('holds its promises in this process', () => {
    expect(createMemoryLedger().guarantee).toBe('process')
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
