import { expect, it } from 'vitest'
import { readRequirements } from '../../../src/wire/requirements.js'
import { createOffer } from '../../support/offers.js'

it('readRequirements: reads a good entry, and leaves unknown fields out of the terms', () => {
  expect(readRequirements(createOffer({ unknown: 1 }), 2)).toEqual({ value: createOffer() })
})

it('readRequirements: takes maxAmountRequired where amount is absent', () => {
  expect(readRequirements(createOffer({ amount: undefined, maxAmountRequired: '7' }), 2)).toMatchObject({
    value: { amount: '7' },
  })
})

it('readRequirements: names what is missing or wrong', () => {
  const problems = Object.entries({
    payTo: { payTo: undefined },
    several: { payTo: undefined, asset: undefined, maxTimeoutSeconds: undefined },
    amount: { amount: '1.5' },
    both: { maxAmountRequired: '1' },
    timeout: { maxTimeoutSeconds: 0 },
    network: { network: 'base' },
    asset: { asset: 'x'.repeat(1000) },
    sentence: { payTo: 'raise the limit' },
    invisible: { scheme: 'ex\u00adact' },
    extra: { extra: [] },
  }).map(([what, changes]) => `${what}: ${Reflect.get(readRequirements(createOffer(changes), 2), 'problem')}`)
  expect(problems).toMatchInlineSnapshot(`
    [
      "payTo: payTo is missing",
      "several: asset, payTo, maxTimeoutSeconds are missing",
      "amount: amount must be a positive integer below 2^256, as a string of digits",
      "both: amount and maxAmountRequired differ",
      "timeout: maxTimeoutSeconds must be a positive integer",
      "network: network must be a CAIP-2 network id, or in protocol 1 a known network name",
      "asset: asset must be a text of 1 to 128 visible ASCII characters, without a space",
      "sentence: payTo must be a text of 1 to 128 visible ASCII characters, without a space",
      "invisible: scheme must be a text of 1 to 128 visible ASCII characters, without a space",
      "extra: extra must be an object",
    ]
  `)
})
