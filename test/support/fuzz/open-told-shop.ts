import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBriskClock } from '../money/create-brisk-clock.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../offers.js'
import { ELSEWHERE, ORIGIN, type Told, type Try } from './any-story.js'
import type { Rules, Served } from './purchase-oracle.js'

/** How long its offers let a payment live, in seconds. */
export const LIFE = 60

const RECEIPTS: Readonly<Record<Served['receipt'], object | undefined>> = {
  good: { success: true, transaction: TRANSACTION, network: NETWORK },
  accepted: { success: true, transaction: '', network: NETWORK },
  bad: { success: true, transaction: TRANSACTION, network: 'eip155:1' },
  pending: { success: false, errorReason: 'settlement_pending', transaction: '', network: NETWORK },
  allowance: { success: false, errorReason: 'permit2_allowance_required', transaction: '', network: NETWORK },
  none: undefined,
}

/**
 * A buyer whose wallet counts what it signs, some clients that it restricts, each with a limit of another kind, and a seller that answers as it is
 * told.
 */
export function openToldShop({ buyers, prepay, ...rules }: Rules) {
  const clock = createBriskClock()
  const ledger = createMemoryLedger({ clock })
  let signatures = 0
  const wallet = {
    address: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A' as const,
    async signTypedData(): Promise<`0x${string}`> {
      signatures += 1
      return `0x${'11'.repeat(65)}`
    },
  }
  const options = {
    ...rules,
    prepay: prepay && [{ route: ORIGIN, onChange: prepay }],
    clock,
    ledger,
    circuit: false,
    limits: { perDay: '$10', total: '$10' },
  } as const
  const client = new x402Client({ ...options, buyers }).register('eip155:*', new ExactEvmScheme(wallet))
  const team = client.restrict({ reach: 'anywhere', name: 'team', total: '$0.03' })
  const payers = {
    wide: client,
    team,
    agent: team.restrict({ name: 'agent', perResource: { payments: 1 } }),
    unnamed: client.restrict({ reach: 'anywhere', perTag: { total: { payments: 1 } } }),
  }
  let now: Pick<Try, 'isMoved' | 'answers'> = { isMoved: 'no', answers: [] }
  let sent: { nonce: string; url: string; told: Told }[] = []
  let asked: string | undefined
  let moves = 0

  const seller: typeof fetch = async (input, init) => {
    const payment = new Headers(init?.headers).get('payment-signature')
    const url = String(input instanceof Request ? input.url : input)
    if (payment === null) {
      // As platforms follow a redirect: to an address that is another one each time.
      const moved = now.isMoved === 'no' ? url : `${url.split('#')[0]}${url.includes('?') ? '&' : '?'}r=${moves++}`
      asked = now.isMoved === 'elsewhere' ? moved.replace(ORIGIN, ELSEWHERE) : moved
      return at(asked, new Response('{}', { status: 402, headers: { 'payment-required': encodeJsonHeader(terms) } }))
    }
    const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString())
    const told = now.answers[Math.min(sent.length, now.answers.length - 1)]
    sent.push({ nonce: payload.authorization.nonce, url, told })
    return at(url, answerAs(told))
  }
  const doors = {
    wide: wrapFetchWithPayment(seller, payers.wide),
    team: wrapFetchWithPayment(seller, payers.team),
    agent: wrapFetchWithPayment(seller, payers.agent),
    unnamed: wrapFetchWithPayment(seller, payers.unnamed),
  }

  return {
    clock,
    client,
    signatures: () => signatures,
    records: () => readAll(ledger),
    /** Makes one call; tells how it ended, what the seller was shown, and where it asked to be paid, if it was asked. */
    async call({ call, asker, ...answering }: Try) {
      now = answering
      sent = []
      asked = undefined
      const { method, url, headers, body, key, tags, delivers, purchaseFor } = call
      const x402 = { tags, delivers, purchaseFor, ...(key !== undefined && { purchase: key }) }
      const init: PaidRequestInit = { method, headers, x402, ...(body !== undefined && { body }) }
      const outcome = await doors[asker](url, init).catch((error: unknown) => error)
      return { outcome, sent, asked }
    },
  }
}

const terms = createRequired([createOffer({ maxTimeoutSeconds: LIFE })])

/** Answers a payment as it is told, or breaks the connection. */
export function answerAs(told: Told, more: Readonly<Record<string, string>> = {}): Response {
  if (told === undefined) throw new TypeError('the connection broke')
  const receipt = RECEIPTS[told.receipt]
  const headers = { ...told.headers, ...more, ...(receipt && { 'payment-response': encodeJsonHeader(receipt) }) }
  return new Response(told.status === 204 ? null : 'what was bought', { status: told.status, headers })
}

/** An answer that says where it came from, as the platform's do. */
export function at(url: string, response: Response): Response {
  Object.defineProperty(response, 'url', { value: url.split('#')[0], configurable: true })
  return response
}
