import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { describeLedgerContract } from '../../support/contracts/ledger.js'
import { loseNextReply } from '../../support/contracts/lost-reply.js'

describeLedgerContract('createMemoryLedger', { create: createMemoryLedger, disturb: loseNextReply })

describe('createMemoryLedger', () => {
  it('holds its promises in this process', () => {
    expect(createMemoryLedger().guarantee).toBe('process')
  })

  it('lists frozen payments, so that it needs no copies', async () => {
    const ledger = createMemoryLedger()
    await ledger.reserve(createDraft({ call: { tags: ['a'] } }), [])
    const [payment] = await readAll(ledger)
    const { call, terms, charges } = payment ?? createDraft()
    const parts = [payment, call, call.tags, terms, charges, ...charges]
    expect(parts.filter((part) => !Object.isFrozen(part))).toEqual([])
  })

  it('gives payments of two ledgers different ids', async () => {
    const reservations = await Promise.all(
      [createMemoryLedger(), createMemoryLedger()].map((ledger) => ledger.reserve(createDraft(), [])),
    )
    const [first, second] = reservations.map((reserved) => (isRefusal(reserved) ? 'refused' : reserved.id))
    expect(first).not.toBe(second)
  })

  it('asks for randomness only when a payment is made, since edge runtimes forbid it while a module loads', () => {
    let asked = 0
    createMemoryLedger({ random: (length) => new Uint8Array(length).fill(++asked) })
    expect(asked).toBe(0)
  })
})
