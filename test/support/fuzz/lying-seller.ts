import fc from 'fast-check'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createOffer, createRequired, NETWORK, PAY_TO, TRANSACTION } from '../offers.js'
import { ELSEWHERE, ORIGIN } from './any-story.js'
import { at } from './open-told-shop.js'

/** Two below a star have one price, one has its own, and of one the price is known ahead. */
export const PATHS = ['/star/a', '/star/b', '/own', '/told'] as const
export type Path = (typeof PATHS)[number]

/** What the price of `/told` is said to be. */
export const TOLD = 10_000n

/** What a seller says to one request: what it asks for where it asks, and how else it answers what is paid and what isn't. */
export type Lie = {
  readonly changes: Readonly<Record<string, unknown>>
  readonly version: 1 | 2
  readonly hasOther: boolean
  readonly isAged: boolean
  readonly isMoved: 'no' | 'within' | 'elsewhere'
  readonly isFree: boolean
  readonly paid: 'deliver' | 'ask' | 'accept' | 'drop' | 'lead on' | 'lead away' | 404 | 500
  readonly receipt: 'good' | 'none' | 'failed' | 'of another network' | 'of more' | 'pending'
  readonly headers: Readonly<Record<string, string>>
}

/** Mostly as an honest seller, so that it's remembered. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 5 }, { arbitrary: fc.constantFrom(...others), weight: 1 })

export const lie: fc.Arbitrary<Lie> = fc.record({
  changes: mostly<Lie['changes']>(
    {},
    ...['5000', '20000', '30000'].map((amount) => ({ amount })),
    ...[{ payTo: '0x1111111111111111111111111111111111111111' }, { maxTimeoutSeconds: 1 }, { maxTimeoutSeconds: 600 }],
    ...[{ extra: { name: 'USDC', version: '1' } }, { extra: { name: 'USDC', version: '2', order: 7 } }],
    ...[{ scheme: 'upto' }, { network: 'eip155:8453' }, { asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913' }],
  ),
  version: mostly<1 | 2>(2, 1),
  hasOther: mostly(false, true),
  isAged: mostly(false, true),
  isMoved: mostly<Lie['isMoved']>('no', 'within', 'elsewhere'),
  isFree: mostly(false, true),
  paid: mostly<Lie['paid']>('deliver', 'ask', 'ask', 'ask', 'accept', 'drop', 'lead on', 'lead away', 404, 500),
  receipt: mostly<Lie['receipt']>('good', 'none', 'failed', 'of another network', 'of more', 'pending'),
  headers: mostly<Lie['headers']>({}, { 'retry-after': '1' }, { 'retry-after-ms': '20' }, { age: '5' }),
})

/** Answers what it's paid first with a higher price, and sells for that. */
export const raise: fc.Arbitrary<readonly Lie[]> = fc
  .tuple(fc.constantFrom('12000', '20000'), lie, lie)
  .map(([amount, ...lies]) =>
    lies.map((one, place) => ({ ...one, changes: { amount }, ...(place === 0 && { paid: 'ask' }) })),
  )

/** What a payment says: to whom, how much, and under which terms. */
export type Sent = { readonly nonce: string; readonly to: string; readonly value: bigint; readonly accepted: unknown }

/** One request, as the seller saw it, and what it answered. */
export type Seen = {
  readonly call: string
  readonly path: string
  readonly sent: Sent | undefined
  /** To whom, and how much, as the response asks; what comes from elsewhere or a cache counts as nothing. */
  readonly asked: readonly string[]
  readonly isMoved: boolean
  readonly isDelivered: boolean
}

/** Where the seller leads who pays, within its origin. */
const NEXT = '/next'

/** Opens a seller that says one lie after the other, and the last again. */
export function openLyingSeller(onRequest: (seen: Seen) => void) {
  let lies: readonly Lie[] = []
  let told = 0
  const seller: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input))
    const headers = new Headers(init?.headers)
    const sent = readPayment(headers)
    const one = lies[Math.min(told++, lies.length - 1)]
    if (one === undefined) throw new Error('a seller without a word')
    if (sent !== undefined && url.origin !== ORIGIN) throw new Error(`a payment was sent to ${url.origin}`)
    const isDelivered = sent !== undefined && ['deliver', 'accept'].includes(String(one.paid)) && one.receipt === 'good'
    const isMoved = sent === undefined && one.isMoved !== 'no'
    const asked = listAsked(one, isMoved)
    onRequest({ call: headers.get('x-call') ?? '', path: url.pathname, sent, asked, isMoved, isDelivered })
    // Someone may have ended the call while it was on its way.
    init?.signal?.throwIfAborted()
    return sent === undefined ? answerUnpaid(one, url) : answerPaid(one, url)
  }
  return {
    seller,
    say(next: readonly Lie[]) {
      lies = next
      told = 0
    },
  }
}

/** What comes from elsewhere, or from a cache, is asked by no one. */
function listAsked(one: Lie, isMoved: boolean): readonly string[] {
  const isNothing = (isMoved && one.isMoved === 'elsewhere') || one.isAged || 'age' in one.headers
  return isNothing ? [] : listEntries(one).map(toTuple)
}

function listEntries({ changes, version, hasOther }: Lie): readonly Record<string, unknown>[] {
  const offer = createOffer(changes)
  const other = createOffer({ ...changes, amount: '40000' })
  return (hasOther ? [other, offer] : [offer]).map((entry) => (version === 1 ? toOld(entry) : entry))
}

function toOld({ amount, ...entry }: Record<string, unknown>): Record<string, unknown> {
  const network = entry['network'] === NETWORK ? 'base-sepolia' : 'base'
  return { ...entry, network, maxAmountRequired: amount, resource: `${ORIGIN}/own`, description: '', mimeType: '' }
}

function toTuple(entry: Record<string, unknown>): string {
  return `${entry['payTo']} ${entry['amount'] ?? entry['maxAmountRequired']}`
}

function ask(one: Lie): Response {
  const required = createRequired(listEntries(one), { x402Version: one.version, resource: { url: `${ORIGIN}/own` } })
  const aged = one.isAged && { age: '5' }
  if (one.version === 1)
    return new Response(JSON.stringify(required), { status: 402, headers: { ...one.headers, ...aged } })
  return new Response('{}', {
    status: 402,
    headers: { ...one.headers, ...aged, 'payment-required': encodeJsonHeader(required) },
  })
}

function answerUnpaid(one: Lie, { href }: URL): Response {
  if (one.isFree) return at(href, new Response('free'))
  const moved = one.isMoved === 'within' ? `${href}/moved` : href.replace(ORIGIN, ELSEWHERE)
  return at(one.isMoved === 'no' ? href : moved, ask(one))
}

function answerPaid(one: Lie, { href }: URL): Response {
  if (one.paid === 'drop') throw new TypeError('the connection broke')
  if (one.paid === 'ask') return at(href, ask(one))
  if (one.paid === 'lead on' || one.paid === 'lead away') {
    const location = `${one.paid === 'lead on' ? ORIGIN : ELSEWHERE}${NEXT}`
    return at(href, new Response(null, { status: 307, headers: { location } }))
  }
  const status = one.paid === 'deliver' ? 200 : one.paid === 'accept' ? 202 : one.paid
  const receipt = RECEIPTS[one.receipt]
  const headers = { ...one.headers, ...(receipt && { 'payment-response': encodeJsonHeader(receipt) }) }
  return at(href, new Response('something', { status, headers }))
}

const GOOD = { success: true, transaction: TRANSACTION, network: NETWORK }
const RECEIPTS: Readonly<Record<Lie['receipt'], object | undefined>> = {
  good: GOOD,
  none: undefined,
  failed: { ...GOOD, success: false, errorReason: 'invalid_payload' },
  'of another network': { ...GOOD, network: 'eip155:1' },
  'of more': { ...GOOD, amount: '9999999' },
  pending: { ...GOOD, success: false, transaction: '', errorReason: 'settlement_pending' },
}

function readPayment(headers: Headers): Sent | undefined {
  const header = headers.get('payment-signature') ?? headers.get('x-payment')
  if (header === null) return undefined
  const { payload, accepted } = JSON.parse(Buffer.from(header, 'base64').toString())
  const { nonce, to, value } = payload.authorization
  return { nonce, to, value: BigInt(value), accepted }
}

/** What whoever prepays `/told` was told ahead. */
export const TERMS_TOLD = createRequired([createOffer({ amount: String(TOLD), payTo: PAY_TO })], {
  resource: { url: `${ORIGIN}/told` },
})
