import { expect } from 'vitest'
import { isX402Error, type X402Error } from '../../../src/errors/x402-error.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { LiveCall, LocalNative } from './create-live-call.js'
import type { Nature } from './create-process.js'
import type { Authorization, createTruth } from './create-truth.js'

/** What a call that pays nothing is told of an earlier payment. */
const TOLD_OF_EARLIER = ['PAID_PERHAPS', 'PAID_NOT_DELIVERED', 'TERMS_CHANGED_WHILE_PAID']

/** What is to happen in some story, so that the rules about it are tried. */
export const SIGHTS = [
  'presented again',
  'presented with the next credential',
  'refused to present',
  'refused for another’s sake',
  'refused another request under a key',
  'lent an answer',
  'bought again',
] as const

/** What happened in a story. */
export type Sight = (typeof SIGHTS)[number]

/** Judges what calls do and are told, by what is true. */
export function createJudge(nature: Nature, truth: ReturnType<typeof createTruth>) {
  const seen = new Set<Sight>()

  return {
    seen: seen as ReadonlySet<Sight>,
    /** A payment is signed for a call that may pay, once. */
    assertMaySign({ isPoor, own }: LiveCall): void {
      expect({ isPoor, own }).toEqual({ isPoor: false, own: undefined })
    },
    /** A payment is presented by a call that may, by one at a time, and once it is written down. */
    assertMayPresent(
      call: LiveCall,
      one: Authorization | undefined,
      record: Payment | undefined,
      calls: readonly LiveCall[],
    ): void {
      // What the chain says took nothing can take nothing more.
      const isFree = one?.state === 'spent' && one.takenCents === 0
      expect(call.isPoor && !isFree).toBe(false)
      truth.assertMayPresent(one, call.wanted)
      expect(calls.filter((other) => other.phase === 'sent' && other.authorization === one)).toEqual([])
      expect(['sent', 'settled']).toContain(record?.state)
      const resumed = call.own === one ? undefined : record?.id
      if (nature.asks) expect(call.said.at(-1)).toEqual({ yes: true, resumed })
      if (resumed !== undefined) {
        seen.add(one?.exact === call.wanted.exact ? 'presented again' : 'presented with the next credential')
      }
    },
    /** Nobody is shown what another request paid for. */
    assertMayBeShown({ wanted, sends }: LiveCall, { request }: LocalNative): void {
      expect(request).toBe(wanted.request)
      if (sends === 0) seen.add('lent an answer')
    },
    /** What a call is told fits what it did. */
    assertMayBeTold(call: LiveCall, error: unknown, calls: readonly LiveCall[]): void {
      expect(isX402Error(error), String(error)).toBe(true)
      if (!isX402Error(error)) return
      const { own, sends } = call
      if (sends > 0) expect(['in-doubt', 'settled']).toContain(error.money)
      else if (own === undefined) assertMayBeRefused(call, error, calls)
      else if (error.money === 'untouched') expect(error.code).toMatch(/^(SIGNER_FAILED|ABORTED)$/)
    },
    /** What happened beside the calls. */
    see(sight: Sight): void {
      seen.add(sight)
    },
  }

  /** A call that signed and sent nothing is told why. */
  function assertMayBeRefused(call: LiveCall, { code, money }: X402Error, calls: readonly LiveCall[]): void {
    const { wanted, isPoor, said } = call
    if (TOLD_OF_EARLIER.includes(code)) expect(truth.isInTheWay(wanted)).toBe(true)
    if (code === 'PAID_PERHAPS' && money === 'untouched') seen.add('refused for another’s sake')
    const last = said.at(-1)
    if ((isPoor && money !== 'untouched') || (last?.yes === false && last.resumed)) seen.add('refused to present')
    if (code !== 'PURCHASE_KEY_REUSED') return
    seen.add('refused another request under a key')
    const isShared = calls.some((one) => one.wanted.exact === wanted.exact && one.wanted.request !== wanted.request)
    expect([money, isShared || truth.isReused(wanted)]).toEqual(['untouched', true])
  }
}
