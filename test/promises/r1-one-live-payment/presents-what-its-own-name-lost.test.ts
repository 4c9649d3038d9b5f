import { expect } from 'vitest'
import type { x402Client } from '../../../src/client/x402-client.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import type { Narrow } from '../../support/create-buyer.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, paymentHeaders, pays } from '../../support/money/paid-answers.js'

const as = (options: RestrictOptions) => (client: x402Client) => client.restrict({ reach: 'anywhere', ...options })
const once = calling({ redeliver: 'never' })

/** Whoever loses a response, and whoever asks again and gets what it paid for. */
const heirs: Readonly<Record<string, readonly [loser: Narrow, heir: Narrow]>> = {
  'another client of its name': [as({ name: 'team/researcher' }), as({ name: 'team/researcher', total: '$1' })],
  'its name, given in two steps': [
    as({ name: 'team/researcher' }),
    (client) => client.restrict({ reach: 'anywhere', name: 'team' }).restrict({ name: 'researcher' }),
  ],
  'a child without a name': [
    as({ name: 'team' }),
    (client) => client.restrict({ reach: 'anywhere', name: 'team' }).restrict({}),
  ],
  'a grandchild without a name': [
    (client) => client.restrict({ reach: 'anywhere', name: 'team' }).restrict({}),
    (client) => client.restrict({ reach: 'anywhere', name: 'team' }).restrict({}).restrict({ total: '$1' }),
  ],
  'a child without a name, of a client without one': [(client) => client, as({})],
}

for (const [who, [loser, heir]] of Object.entries(heirs)) {
  for (const [where, createLedger] of ledgers) {
    throughEveryDoor(`has what a client lost presented again by ${who}${where}`, async ({ open, shop }) => {
      const seller = await open(inTurn(drops, pays))
      const ledger = createLedger()
      const first = shop({ ledger }, loser)
      expect(await first.refusal(seller.url, once)).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
      const second = shop({ ledger }, heir)
      expect(await second.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
      expect(new Set(paymentHeaders(seller)).size).toBe(1)
      expect([first.signatures(), second.signatures()]).toEqual([1, 0])
    })
  }
}

throughEveryDoor(
  'presents what its name lost after a restart, with one client for each task',
  async ({ open, shop }) => {
    const seller = await open(inTurn(drops, drops, pays))
    const reopen = await createReopening()
    const signatures: number[] = []
    for (const isLast of [false, false, true]) {
      const task = shop({ ledger: await reopen() }, as({ name: 'team/researcher', total: '$0.01' }))
      if (isLast) expect((await task.request(seller.url)).status).toBe(200)
      else expect(await task.refusal(seller.url, once)).toMatchObject({ money: 'in-doubt' })
      signatures.push(task.signatures())
    }
    expect(signatures).toEqual([1, 0, 0])
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
  },
)

const key = calling({ purchase: 'order-7', redeliver: 'never' })
const bearing = (token: string) => ({ ...once, headers: { authorization: `Bearer ${token}` } })

/** How both ask. */
const ways: Readonly<Record<string, readonly [one: RequestInit, other: RequestInit]>> = {
  '': [once, once],
  ', under the same key': [key, key],
  ', with another token': [bearing('one'), bearing('two')],
}

/** Whoever loses a response, and whoever asks for the same and has nothing to do with that. */
const strangers: Readonly<Record<string, readonly [loser: Narrow, stranger: Narrow]>> = {
  'another name': [as({ name: 'researcher' }), as({ name: 'writer' })],
  'the name above': [as({ name: 'team/researcher' }), as({ name: 'team' })],
  'a name below': [
    as({ name: 'team' }),
    (client) => client.restrict({ reach: 'anywhere', name: 'team' }).restrict({ name: 'writer' }),
  ],
  'the client that it comes from': [as({ name: 'team' }), (client) => client],
  'a name, where a client without one lost it': [(client) => client, as({ name: 'team' })],
}

for (const [who, [loser, stranger]] of Object.entries(strangers)) {
  for (const [where, createLedger] of ledgers) {
    for (const [how, [one, other]] of Object.entries(ways)) {
      throughEveryDoor(
        `shows ${who} nothing of what a client lost, and lets it buy at once${how}${where}`,
        async ({ open, shop }) => {
          const seller = await open(inTurn(drops, pays))
          const ledger = createLedger()
          const first = shop({ ledger }, loser)
          expect(await first.refusal(seller.url, one)).toMatchObject({ money: 'in-doubt' })
          const second = shop({ ledger }, stranger)
          expect((await second.request(seller.url, other)).status).toBe(200)
          expect([first.signatures(), second.signatures()]).toEqual([1, 1])
          expect((await first.request(seller.url, one)).status).toBe(200)
          expect([first.signatures(), second.signatures()]).toEqual([1, 1])
          expect(new Set(paymentHeaders(seller)).size).toBe(2)
        },
      )
    }
  }
}
