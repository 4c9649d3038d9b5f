import fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../schemes/evm/index.js'
import { freezeCopy } from '../../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../../src/wire/requirements.js'
import { mutate } from '../../../support/fuzz/hostile-value.js'
import { pinned } from '../../../support/vectors/read-vector.js'
import { createTerms } from './exact/terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const permit2 = { assetTransferMethod: 'permit2', facilitatorAddress: '0x1234567890123456789012345678901234567890' }
const requirements = fc.oneof(mutate(createTerms()), mutate(createTerms({ extra: permit2 })))
const stranger = '0x6666666666666666666666666666666666666666'

describe.each([
  ['ExactEvmScheme', () => new ExactEvmScheme(account), 'exact'],
  ['UptoEvmScheme', () => new UptoEvmScheme(account), 'upto'],
] as const)('%s', (_name, create, scheme) => {
  it('judges terms that it remembers as it judges new ones, in either protocol', () => {
    const one = create()
    fc.assert(
      fc.property(requirements, (changed) => {
        const terms = Object.assign(changed, { scheme }) as PaymentRequirements
        const frozen = freezeCopy(terms)
        for (const version of [1, 2, 1]) expect(one.refuse(frozen, version)).toBe(create().refuse(terms, version))
      }),
      { numRuns: 300 },
    )
  })

  it('reads terms again that may have changed, however they were frozen', () => {
    const one = create()
    const extra: Record<string, unknown> = { ...permit2, name: 'USDC', version: '2' }
    const terms = Object.freeze(createTerms({ scheme, extra }))
    expect(one.refuse(terms)).toBeUndefined()
    extra['name'] = 'another'
    expect(one.refuse(terms)).toContain('extra.name')
  })
})

it('ExactEvmScheme: signs for each account what it remembers, and for the one that is paid nothing', async () => {
  const terms = freezeCopy(createTerms({ payTo: account.address }))
  const other = { ...account, address: stranger } as const
  expect(new ExactEvmScheme(other).refuse(terms)).toBeUndefined()
  expect(new ExactEvmScheme(account).refuse(terms)).toBe('payTo is the buyer')
  expect(new ExactEvmScheme(other).refuse(terms)).toBeUndefined()
})

it('ExactEvmScheme: signs the same twice from terms that it remembers', async () => {
  const scheme = new ExactEvmScheme(account)
  const terms = freezeCopy(createTerms())
  const fresh = await new ExactEvmScheme(account).createPaymentPayload(2, createTerms(), pinned)
  for (let payment = 0; payment < 2; payment++) {
    expect(await scheme.createPaymentPayload(2, terms, pinned)).toEqual(fresh)
  }
})
