import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { RestrictedClient } from '../../../src/client/restricted-client.js'
import type { x402Client } from '../../../src/client/x402-client.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { listWarnings } from '../../support/list-warnings.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'

/** Longest that a hook is waited for. */
const PATIENCE_MS = 10_000

/** Who hands out payments. */
const clients: Readonly<Record<string, (client: x402Client) => x402Client | RestrictedClient>> = {
  'a client': (client) => client,
  'a restricted client': (client) => client.restrict({ reach: 'anywhere', total: '$1' }),
}

/** The slow one waits by timers of its own, which no test stops. */
const ledgers: readonly (readonly [string, () => Ledger])[] = [
  ['', createMemoryLedger],
  [', on a slow ledger', () => createSlowLedger(createMemoryLedger(), { wait })],
]

describe.each(Object.entries(clients))('a hook of %s that never returns:', (_, narrow) => {
  it.each(ledgers)('holds up no payment that was handed out, and no other hook%s', async (_, createLedger) => {
    const pass = stopTimers()
    const buyer = createBuyer({ ledger: createLedger() })
    const warnings = listWarnings(buyer.client)
    const shown: unknown[] = []
    buyer.client.onPaymentResponse(() => {
      queueMicrotask(() => pass(PATIENCE_MS))
      return new Promise(() => undefined)
    })
    buyer.client.onPaymentResponse(({ settleResponse }) => void shown.push(settleResponse?.transaction))
    const client = narrow(buyer.client)
    const paymentPayload = await client.createPaymentPayload(createRequired() as never, {
      url: 'http://127.0.0.1/paid',
    })
    const { from = '' } = new Object(paymentPayload.payload['authorization']) as { from?: string } // of EIP-3009
    const settleResponse = { success: true, transaction: TRANSACTION, network: NETWORK, payer: from } as const
    expect(await client.handlePaymentResponse({ paymentPayload, settleResponse } as never)).toBeUndefined()
    expect(shown).toEqual([TRANSACTION])
    expect(warnings).toMatchObject([{ code: 'HOOK_FAILED', message: expect.stringContaining('in time') }])
    expect(await buyer.records()).toMatchObject([{ state: 'settled' }])
  })
})
