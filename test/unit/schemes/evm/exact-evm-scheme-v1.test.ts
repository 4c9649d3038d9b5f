import { x402Client as OfficialClient } from '@x402/core/client'
import {
  EVM_NETWORK_CHAIN_ID_MAP as OFFICIAL_IDS,
  NETWORKS as OFFICIAL_NETWORKS,
  ExactEvmSchemeV1 as OfficialScheme,
} from '@x402/evm/v1'
import { describe, expect, it } from 'vitest'
import { EVM_NETWORK_CHAIN_ID_MAP, ExactEvmSchemeV1, getEvmChainIdV1, NETWORKS } from '../../../../schemes/evm/index.js'
import { x402Client } from '../../../../src/index.js'
import { account } from '../../../support/create-buyer.js'
import { createOffer } from '../../../support/offers.js'

const { amount: maxAmountRequired, ...offer } = createOffer({ network: 'base-sepolia' })
const entry = { ...offer, maxAmountRequired, resource: 'https://api.example.com/', description: '', mimeType: '' }
const required = { x402Version: 1, error: 'pay', accepts: [entry] } as never

describe('ExactEvmSchemeV1', () => {
  it('signs in our client what the official one signs, but for time and nonce', async () => {
    const ours = await new x402Client()
      .registerV1('base-sepolia', new ExactEvmSchemeV1(account))
      .createPaymentPayload(required)
    const official = new OfficialClient().registerV1('base-sepolia', new OfficialScheme(account))
    const theirs = await official.createPaymentPayload(required)
    expect(withoutChance(ours)).toEqual(withoutChance(theirs))
  })

  it('signs in the official client, which hands it the entry as it is in protocol 1', async () => {
    const mixed = new OfficialClient().registerV1('base-sepolia', new ExactEvmSchemeV1(account))
    expect(await mixed.createPaymentPayload(required)).toMatchObject({
      x402Version: 1,
      scheme: 'exact',
      network: 'base-sepolia',
      payload: { authorization: { value: '10000' } },
    })
  })

  it('error: TERMS_REFUSED for an entry that can not be read, and nothing is signed', async () => {
    const scheme = new ExactEvmSchemeV1(account)
    const paying = scheme.createPaymentPayload(1, { ...entry, payTo: undefined } as never)
    await expect(paying).rejects.toMatchObject({
      code: 'TERMS_REFUSED',
      shortMessage: 'Refused to sign: payTo is missing.',
    })
  })
})

describe('the networks of protocol 1', () => {
  it('are those of @x402/evm', () => {
    expect([...NETWORKS].sort()).toEqual([...OFFICIAL_NETWORKS].sort())
    expect(EVM_NETWORK_CHAIN_ID_MAP).toEqual(OFFICIAL_IDS)
    expect(NETWORKS.map(getEvmChainIdV1)).toEqual(NETWORKS.map((name) => Reflect.get(OFFICIAL_IDS, name)))
  })

  it('error: INVALID_OPTION for any other name', () => {
    expect(() => getEvmChainIdV1('solana')).toThrow('The option `network` must be a network name of protocol 1')
  })
})

function withoutChance(payment: { payload: Record<string, unknown> }) {
  const { nonce, validAfter, validBefore, ...signed } = payment.payload['authorization'] as Record<string, string>
  const { payload: _payload, ...envelope } = payment
  return { ...envelope, signed, lives: Number(validBefore) - Number(validAfter), nonce: nonce?.length }
}
