import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from '../../../src/index.js'
import { createLimits } from '../../../src/limits/create-limits.js'
import { decodeBody, decodeEnvelope, readEnvelope } from '../../../src/wire/challenge.js'
import { decodeJsonHeader, encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { decodeReceipt } from '../../../src/wire/receipt.js'
import { readRequirements } from '../../../src/wire/requirements.js'
import { toSellerText } from '../../../src/wire/seller-text.js'
import { hostileValue, mutate } from '../../support/fuzz/hostile-value.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'

const RUNS = { numRuns: 2000 }
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.base64String({ maxLength: 200 }))
const challenge = mutate(createRequired([createOffer(), createOffer({ amount: '20000' })]))
const receipt = mutate({ success: true, transaction: TRANSACTION, network: NETWORK, payer: '0x1', extensions: {} })
const header = fc.oneof(text, fc.oneof(challenge, receipt).map(encodeJsonHeader))

describe('decoders', () => {
  it('answer a value or a problem for anything, and throw nothing', () => {
    fc.assert(
      fc.property(header, hostileValue, (from, value) => {
        for (const decoded of [
          decodeJsonHeader(from),
          decodeEnvelope(from),
          decodeReceipt(from),
          readEnvelope(value),
        ]) {
          expect('value' in decoded !== 'problem' in decoded).toBe(true)
        }
        decodeBody(from)
        expect(toSellerText(value)?.length ?? 0).toBeLessThan(300)
      }),
      RUNS,
    )
  })

  it('throw no class but ours where they throw', () => {
    fc.assert(
      fc.property(header, (from) => {
        for (const decode of [decodePaymentRequiredHeader, decodePaymentResponseHeader]) expectOurs(() => decode(from))
      }),
      RUNS,
    )
  })

  it('read no entry whose amount, timeout or network is not exactly right', () => {
    fc.assert(
      fc.property(mutate(createOffer()), fc.constantFrom(1 as const, 2 as const), (entry, version) => {
        const read = readRequirements(entry, version)
        if ('problem' in read) {
          expect(read.problem.length).toBeLessThan(300)
          return
        }
        expect(read.value.amount).toMatch(/^[1-9][0-9]{0,77}$/)
        expect(Number.isSafeInteger(read.value.maxTimeoutSeconds) && read.value.maxTimeoutSeconds > 0).toBe(true)
        expect(read.value.network).toMatch(/^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/)
      }),
      RUNS,
    )
  })
})

it('createLimits: throws no class but ours, whatever it is given as money', () => {
  fc.assert(
    fc.property(
      fc.oneof(hostileValue, text),
      fc.constantFrom('perPayment', 'perDay', 'total', 'perHour'),
      (value, name) => {
        expectOurs(() => createLimits({ [name]: value as string }))
      },
    ),
    RUNS,
  )
})

function expectOurs(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (!isX402Error(error)) throw error
    expect(error.message.length).toBeLessThan(2000)
  }
}
