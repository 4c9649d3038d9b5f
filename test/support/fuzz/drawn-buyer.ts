import fc from 'fast-check'
import { ExactEvmScheme, type TypedData } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { x402Client } from '../../../src/index.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'

/** What the clock says when a case begins, if it's right. */
export const NOW_SECONDS = 1_700_000_000
export const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'

/** What somebody does to the buyer's clock, and who of the buyer's clients it is. */
export type Buying = {
  /** By how much the clock is wrong from the start, in seconds. */
  readonly isOffBy: number
  /** At which of its readings it is turned, and by how much. */
  readonly turnsAt: number
  readonly turnsBy: number
  readonly who: 'wide' | 'named' | 'below' | 'unnamed'
  /** Whether a seller may send its callers to another one, to pay there. */
  readonly allowRedirectedOrigin: boolean
}

/** A buyer of whom nothing is wrong. */
const PLAIN: Buying = { isOffBy: 0, turnsAt: 0, turnsBy: 0, who: 'wide', allowRedirectedOrigin: false }

const DAY = 86_400
export const buying: fc.Arbitrary<Buying> = fc.record({
  isOffBy: fc.constantFrom(0, 0, 0, -3600, DAY, -DAY, 365 * DAY),
  turnsAt: fc.nat(8),
  turnsBy: fc.constantFrom(0, 0, 0, 1, 61, 700, DAY, 365 * DAY, -1, -61, -700, -DAY, -365 * DAY),
  who: fc.constantFrom('wide', 'wide', 'named', 'below', 'unnamed'),
  allowRedirectedOrigin: fc.boolean(),
})

/** What a call says of who makes it, and by which names it is known. */
export const init: fc.Arbitrary<PaidRequestInit> = fc
  .record({
    authorization: fc.constantFrom('', '', 'Bearer 1', 'Bearer 2'),
    cookie: fc.constantFrom('', '', 'sid=1'),
    key: fc.constantFrom(undefined, undefined, 'order 1'),
    purchaseFor: fc.constantFrom(undefined, 86_400),
    tags: fc.constantFrom<string[]>([], ['customer:1'], ['customer:1', 'customer:2']),
  })
  .map(({ authorization, cookie, key, purchaseFor, tags }) => ({
    headers: Object.fromEntries(Object.entries({ authorization, cookie }).filter(([, value]) => value !== '')),
    x402: { purchase: key, purchaseFor, tags },
  }))

/** The most that one payment of each may cost, in millionths of a dollar: they have limits of their own, and those above them. */
const MOST: Readonly<Record<Buying['who'], bigint>> = {
  wide: 1_000_000n,
  named: 500_000n,
  below: 15_000n,
  unnamed: 10_000n,
}

/** A client with the default limits or tighter ones, whose wallet writes down what it is asked to sign, and whose clock what it said. */
export function createBuyer(
  { isOffBy, turnsAt, turnsBy, who, allowRedirectedOrigin }: Buying = PLAIN,
  prepay?: ClientOptions['prepay'],
) {
  const asked: TypedData[] = []
  const readings = new Set<number>()
  const wallet = {
    address: PAYER,
    async signTypedData(typedData: TypedData) {
      asked.push(structuredClone(typedData))
      return `0x${'11'.repeat(65)}` as const
    },
  } as const
  const manual = createManualClock(NOW_SECONDS + isOffBy)
  let read = 0
  const clock = {
    ...manual,
    nowSeconds() {
      if (read++ === turnsAt) manual.advance(turnsBy)
      readings.add(manual.nowSeconds())
      return manual.nowSeconds()
    },
  }
  const wide = new x402Client({ clock, allowRedirectedOrigin, prepay }).register('eip155:*', new ExactEvmScheme(wallet))
  const client = restrict(wide, who)
  return { client, asked: asked as readonly TypedData[], readings: readings as ReadonlySet<number>, most: MOST[who] }
}

function restrict(wide: x402Client, who: Buying['who']) {
  if (who === 'wide') return wide
  const named = () =>
    wide.restrict({ reach: 'anywhere', name: 'team', perPayment: '$0.5', perResource: { payments: 1 } })
  if (who === 'named') return named()
  if (who === 'below')
    return named().restrict({ reach: 'anywhere', name: 'agent', perPayment: '$0.015', perTag: { total: '$0.02' } })
  return wide.restrict({ reach: 'anywhere', perPayment: '$0.01' })
}
