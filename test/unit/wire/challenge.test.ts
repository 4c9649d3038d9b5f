import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBody, decodeEnvelope, type Envelope, readEnvelope } from '../../../src/wire/challenge.js'
import { fitsBack } from '../../../src/wire/encoded-payment.js'
import { isFrozenForGood } from '../../../src/wire/frozen.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import type { Decoded, JsonObject } from '../../../src/wire/json.js'
import { readRequirements } from '../../../src/wire/requirements.js'
import { mutate } from '../../support/fuzz/hostile-value.js'
import { createOffer, createRequired } from '../../support/offers.js'

const RUNS = { numRuns: 500 }
const entry = fc.oneof(
  mutate(createOffer()),
  mutate(createOffer({ network: 'base', amount: undefined })),
  fc.jsonValue(),
)
const required = fc.oneof(
  mutate(createRequired([createOffer(), createOffer({ amount: '20000' })])),
  fc.record(
    {
      x402Version: fc.constantFrom(1, 2, 3),
      error: fc.jsonValue(),
      resource: fc.jsonValue(),
      accepts: fc.array(entry, { maxLength: 4 }),
      extensions: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.jsonValue()),
    },
    { requiredKeys: ['x402Version', 'accepts'] },
  ),
)

/** Of a value that nobody has seen: as an envelope is read without a memory. */
const readNew = (json: string): Decoded<Envelope> => readEnvelope(JSON.parse(json))

/** What is asked about each entry. */
function judge(decoded: Decoded<Envelope> | undefined): unknown[] {
  if (decoded === undefined || 'problem' in decoded) return []
  return decoded.value.accepts.map((one) => [
    readRequirements(one, 1),
    readRequirements(one, 2),
    typeof one === 'object' && one !== null && fitsBack(one as JsonObject),
  ])
}

describe('a remembered 402', () => {
  it('reads exactly as a new one, its offers too', () => {
    fc.assert(
      fc.property(required, (value) => {
        const json = JSON.stringify(value)
        const header = encodeJsonHeader(JSON.parse(json))
        const fresh = readNew(json)
        for (let reading = 0; reading < 3; reading++) {
          expect(decodeEnvelope(header)).toEqual(fresh)
          expect(judge(decodeEnvelope(header))).toEqual(judge(readNew(json)))
        }
      }),
      RUNS,
    )
  })

  it('reads exactly as a new one when it came in a body', () => {
    fc.assert(
      fc.property(required, (value) => {
        const body = JSON.stringify(value)
        for (let reading = 0; reading < 3; reading++) {
          expect(decodeBody(body)).toEqual('x402Version' in value ? readNew(body) : undefined)
        }
      }),
      RUNS,
    )
  })

  it('is one value for all that read it, which nobody can change', () => {
    const header = encodeJsonHeader(createRequired())
    const [first, second] = [decodeEnvelope(header), decodeEnvelope(header)]
    if (!('value' in first && 'value' in second)) throw new Error('it can be read')
    expect(second.value).toBe(first.value)
    expect(isFrozenForGood(first.value)).toBe(true)
    const [one] = first.value.accepts
    expect(() => Object.assign(one as object, { payTo: 'another' })).toThrow(TypeError)
    const terms = readRequirements(one, 2)
    expect(readRequirements(one, 2)).toBe(terms)
    expect('value' in terms && isFrozenForGood(terms.value) && isFrozenForGood(terms.value.extra)).toBe(true)
  })

  it('is read for the protocol that was spoken, whichever was asked first', () => {
    const header = encodeJsonHeader(createRequired([createOffer({ network: 'base' as never })]))
    const decoded = decodeEnvelope(header)
    const [one] = 'value' in decoded ? decoded.value.accepts : []
    expect(readRequirements(one, 2)).toHaveProperty('problem')
    expect(readRequirements(one, 1)).toHaveProperty('value.network', 'eip155:8453')
    expect(readRequirements(one, 2)).toHaveProperty('problem')
  })

  it('is forgotten after 64 others', () => {
    const write = (index: number) => encodeJsonHeader(createRequired([createOffer({ amount: String(index + 1) })]))
    const first = decodeEnvelope(write(0))
    for (let index = 1; index < 64; index++) decodeEnvelope(write(index))
    expect(decodeEnvelope(write(0))).toBe(first)
    decodeEnvelope(write(64))
    expect(decodeEnvelope(write(0))).not.toBe(first)
    expect(decodeEnvelope(write(0))).toEqual(first)
  })

  it('is not one that is longer than 8 KiB, nests deep, or cannot be read', () => {
    const nest = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1)
    const texts = [
      createRequired([createOffer({ extra: { text: 'x'.repeat(8 * 1024) } })]),
      { x402Version: 2, accepts: [nest(2000)] },
      { x402Version: 3, accepts: [] },
    ].map(encodeJsonHeader)
    for (const header of texts) expect(decodeEnvelope(header)).not.toBe(decodeEnvelope(header))
  })
})

it('readRequirements: reads an entry again when it may have changed, however it was frozen', () => {
  const extra: Record<string, unknown> = { name: 'USDC' }
  const frozen = Object.freeze(createOffer({ extra }))
  expect(readRequirements(frozen, 2)).toHaveProperty('value.extra.name', 'USDC')
  extra['name'] = 'other'
  expect(readRequirements(frozen, 2)).toHaveProperty('value.extra.name', 'other')
  extra['self'] = extra
  expect(readRequirements(frozen, 2)).toHaveProperty('problem')
})
