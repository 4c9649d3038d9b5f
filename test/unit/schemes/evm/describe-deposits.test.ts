import { describe, expect, it } from 'vitest'
import { describeEvmPayload } from '../../../../schemes/evm/index.js'
import type { PaymentRequirements } from '../../../../src/index.js'
import { readRequirements } from '../../../../src/wire/requirements.js'
import { pinned, readVector } from '../../../support/vectors/read-vector.js'

type Json = { [name: string]: unknown }

const readTerms = (name: string, extra: Json = {}): PaymentRequirements => {
  const read = readRequirements(readVector(name).requirements, 2)
  if ('problem' in read) throw new Error(read.problem)
  return { ...read.value, extra: { ...read.value.extra, ...extra } }
}
const readPayload = (name: string): Json => structuredClone(readVector(name).result?.payload ?? {})

/** Every place of an object, as the names that lead to it. */
function listPaths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, one]) => listPaths(one, [...path, name]))
}

function change(payload: Json, path: readonly string[], by: (value: unknown) => unknown): Json {
  const [name = '', ...rest] = path
  const value = rest.length === 0 ? by(payload[name]) : change(payload[name] as Json, rest, by)
  return { ...payload, [name]: value }
}

/** Another value of the same kind. */
function toOther(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  const text = String(value)
  if (/^\d+$/.test(text)) return String(BigInt(text) + 1n)
  const digit = text.endsWith('1') ? '2' : '1'
  return text.startsWith('0x') ? `${text.slice(0, -1).toLowerCase()}${digit}` : `${text}s`
}

/** What lets nobody take more: a signature for something else is none, and of a channel nobody gets more than was put there. */
const UNBOUND = ['signature', 'validAfter', 'maxClaimableAmount']

const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
const vectors = [
  ['batch-deposit-eip3009', { amount: 1000n, exposure: 5000n }],
  ['batch-deposit-permit2', { amount: 1000n, exposure: 5000n, spender: PERMIT2 }],
  ['auth-capture-eip3009', { amount: 10_000n }],
  ['auth-capture-eip3009-bound', { amount: 10_000n }],
  ['auth-capture-permit2-v1.0', { amount: 10_000n, spender: PERMIT2 }],
] as const

describe.each(vectors)('describeEvmPayload: the official vector %s', (name, expected) => {
  const terms = readTerms(name)
  const payload = readPayload(name)

  it('is read', () => {
    expect(describeEvmPayload(payload, terms)).toMatchObject({
      ...expected,
      payer: pinned.evmAddress,
      payTo: terms.payTo,
      asset: terms.asset,
      validUntilSeconds: pinned.nowSeconds + terms.maxTimeoutSeconds,
    })
  })

  it('is read by the nonce that its contract takes', () => {
    const [typedData] = readVector(name).typedData ?? []
    const signed = Reflect.get(new Object(typedData?.['message']), 'nonce')
    const { nonce } = describeEvmPayload(payload, terms) ?? {}
    expect(nonce?.startsWith('0x') ? nonce : String(nonce)).toBe(String(signed))
  })

  it.each(listPaths(readPayload(name)).filter((path) => !UNBOUND.includes(path.at(-1) ?? '')))(
    'is not read as the same when %s.%s is another',
    (...path) => {
      const read = describeEvmPayload(change(payload, path, toOther), terms)
      expect(read).not.toEqual(describeEvmPayload(payload, terms))
    },
  )

  it('is not read with anything more in it', () => {
    const places = listPaths(payload).map((path) => path.slice(0, -1))
    for (const place of places) {
      const more = change({ payload }, ['payload', ...place], (value) => ({ ...new Object(value), more: '1' }))
      expect(describeEvmPayload(more['payload'], terms), place.join('.')).toBeUndefined()
    }
  })

  it.each([['exact'], ['upto']])('is read as no payment by %s', (scheme) => {
    expect(describeEvmPayload(payload, { ...terms, scheme })).toBeUndefined()
  })

  it('is not read on another network', () => {
    expect(describeEvmPayload(payload, { ...terms, network: 'eip155:8453' })).toBeUndefined()
    expect(describeEvmPayload(payload, { ...terms, network: 'solana:x' })).toBeUndefined()
  })
})

const stranger = `0x${'66'.repeat(20)}`

describe('describeEvmPayload: a payment into escrow', () => {
  it.each([
    ['payTo', { payTo: stranger }],
    ['amount in the terms alone', { amount: '9999' }],
  ])('says so when %s is another', (_what, changes) => {
    const terms = readTerms('auth-capture-eip3009')
    const read = describeEvmPayload(readPayload('auth-capture-eip3009'), { ...terms, ...changes } as never)
    expect(read === undefined || read.amount !== BigInt({ ...terms, ...changes }.amount)).toBe(true)
  })

  it.each([
    ['captureAuthorizer', stranger],
    ['captureAuthorizer', 'nobody'],
    ['feeRecipient', stranger],
    ['captureDeadline', 1_760_086_401],
    ['captureDeadline', -1],
    ['refundDeadline', 1],
    ['maxFeeBps', 101],
    ['minFeeBps', undefined],
    ['receiverAuthorizer', stranger],
    ['authCaptureEscrow', stranger],
    ['authCaptureEscrow', '0xBdEA0D1bcC5966192B070Fdf62aB4EF5b4420cff'],
    ['assetTransferMethod', 'permit2'],
  ])('isn’t read when extra.%s is %s', (field, value) => {
    const terms = readTerms('auth-capture-eip3009', { [field]: value })
    expect(describeEvmPayload(readPayload('auth-capture-eip3009'), terms)).toBeUndefined()
  })
})

describe('describeEvmPayload: a channel', () => {
  const name = 'batch-deposit-eip3009'
  const terms = readTerms(name)
  const { deposit: _deposit, ...opening } = readPayload(name)
  const voucher = { ...opening, type: 'voucher' }
  const refund = { ...opening, type: 'refund' }

  it.each([
    ['a voucher', voucher],
    ['a refund', refund],
    ['a refund of a part', { ...refund, amount: '5' }],
    ['a refund of what was never charged', change(refund, ['voucher', 'maxClaimableAmount'], () => '0')],
  ])('%s counts its price again, and never ends by itself', (_what, payload) => {
    expect(describeEvmPayload(payload, terms)).toMatchObject({
      payer: pinned.evmAddress,
      payTo: terms.payTo,
      amount: 1000n,
      validUntilSeconds: Number.POSITIVE_INFINITY,
    })
  })

  it.each([
    ['a voucher for less than the price', change(voucher, ['voucher', 'maxClaimableAmount'], () => '999')],
    ['a voucher that isn’t a number', change(voucher, ['voucher', 'maxClaimableAmount'], () => '-1')],
    ['a voucher with a deposit', { ...readPayload(name), type: 'voucher' }],
    ['a refund with a deposit', { ...readPayload(name), type: 'refund' }],
    ['a refund of nothing', { ...refund, amount: '0' }],
    ['a deposit without one', { ...opening, type: 'deposit' }],
    ['another type', { ...opening, type: 'claim' }],
    ['no object', 'voucher'],
  ])('%s isn’t read', (_what, payload) => {
    expect(describeEvmPayload(payload, terms)).toBeUndefined()
  })

  it.each([
    ['receiverAuthorizer', stranger],
    ['receiverAuthorizer', undefined],
    ['withdrawDelay', 2_592_000],
    ['assetTransferMethod', 'permit2'],
  ])('isn’t read when extra.%s is %s', (field, value) => {
    expect(describeEvmPayload(readPayload(name), readTerms(name, { [field]: value }))).toBeUndefined()
  })

  it('is read with the shortest delay where the seller names none', () => {
    expect(describeEvmPayload(readPayload(name), readTerms(name, { withdrawDelay: undefined }))).toBeDefined()
  })
})
