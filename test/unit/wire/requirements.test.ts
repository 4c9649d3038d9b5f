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

it('readRequirements: takes token where asset is absent, and a minute where no time is named', () => {
  const { asset, ...offer } = createOffer({ maxTimeoutSeconds: null })
  expect(readRequirements({ ...offer, token: asset }, 2)).toMatchObject({ value: { asset, maxTimeoutSeconds: 60 } })
})

it('readRequirements: takes null for absent, also within extra', () => {
  const changes = { maxAmountRequired: null, token: null, extra: { name: 'USDC', version: '2', paymentFlow: null } }
  expect(readRequirements(createOffer(changes), 2)).toEqual({ value: createOffer() })
})

it.each(['wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=', 'SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI='])(
  'readRequirements: reads the id of Algorand with the whole hash %s as CAIP-2 has it',
  (hash) => {
    const network = `algorand:${hash}`
    expect(readRequirements(createOffer({ network }), 2)).toMatchObject({ value: { network: network.slice(0, 41) } })
  },
)

it('readRequirements: names what is missing or wrong', () => {
  const problems = Object.entries({
    payTo: { payTo: undefined },
    several: { payTo: undefined, asset: undefined, maxTimeoutSeconds: undefined },
    amount: { amount: '1.5' },
    both: { maxAmountRequired: '1' },
    token: { token: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359' },
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
      "several: asset and payTo are missing",
      "amount: amount must be a positive integer below 2^256, as a string of digits",
      "both: amount and maxAmountRequired differ",
      "token: asset and token differ",
      "timeout: maxTimeoutSeconds must be a positive integer",
      "network: network must be a CAIP-2 network id, or in protocol 1 a known network name",
      "asset: asset must be a text of 1 to 128 visible ASCII characters, without a space",
      "sentence: payTo must be a text of 1 to 128 visible ASCII characters, without a space",
      "invisible: scheme must be a text of 1 to 128 visible ASCII characters, without a space",
      "extra: extra must be an object",
    ]
  `)
})
