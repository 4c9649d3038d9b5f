import { describe, expect, it } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { createPermit2Terms } from './permit2-terms.js'

const signer = { address: pinned.evmAddress, signTypedData: () => expect.unreachable() }

describe('prepare', () => {
  it('ExactEvmScheme: has nothing to load for a payment by EIP-3009', () => {
    const terms = createPermit2Terms('exact-permit2')
    expect(new ExactEvmScheme(signer).prepare({ ...terms, extra: {} }, {})).toBeUndefined()
  })

  it.each([
    ['ExactEvmScheme', new ExactEvmScheme(signer), createPermit2Terms('exact-permit2')],
    ['UptoEvmScheme', new UptoEvmScheme(signer), createPermit2Terms('upto-permit2')],
  ])('%s: loads what signs through Permit2, and asks neither the signer nor a chain', async (_name, scheme, terms) => {
    await expect(scheme.prepare(terms, { eip2612GasSponsoring: {} })).resolves.toBeDefined()
  })
})
