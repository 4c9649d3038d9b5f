import * as chains from 'viem/chains'
import { describe, expect, it } from 'vitest'
import { listKnownAssets } from '../../../schemes/evm/assets/known-assets.js'
import { networkFacts } from '../../../schemes/network-facts.js'
import type { Network } from '../../../src/wire/network.js'
import { listV1Networks } from '../../../src/wire/v1-networks.js'

/** What viem says of each id; of some it has two chains. */
const saidByViem = new Map<string, Set<boolean>>()
for (const { id, testnet = false } of Object.values(chains)) {
  saidByViem.set(`eip155:${id}`, new Set([...(saidByViem.get(`eip155:${id}`) ?? []), testnet]))
}

describe('networkFacts.isTest', () => {
  it('says of every network with a known token, or a name, what viem says of it', () => {
    const named = Object.values(listV1Networks())
    const networks = [...new Set<Network>([...named, ...listKnownAssets().map(({ network }) => network)])]
    const known = networks.filter((network) => saidByViem.get(network)?.size === 1)
    expect(known.length).toBeGreaterThan(30)
    const said = known.map((network) => [network, new Set([networkFacts.isTest(network)])])
    expect(said).toEqual(known.map((network) => [network, saidByViem.get(network)]))
  })
})

describe('networkFacts.suggest', () => {
  it('has nothing to say of a name that is known', () => {
    for (const [name, network] of Object.entries(listV1Networks())) {
      expect([networkFacts.suggest(name, 1), networkFacts.suggest(network, 2)]).toEqual([undefined, undefined])
    }
  })

  it('finds each name of protocol 1 with a letter too many, in capitals, and with another sign between', () => {
    for (const [name, network] of Object.entries(listV1Networks()).filter(([name]) => name.length > 7)) {
      for (const label of [`${name}a`, name.toUpperCase(), name.replace('-', '_')]) {
        if (label === name) continue
        expect([label, networkFacts.suggest(label, 2)?.label]).toEqual([label, network])
      }
    }
  })

  it('says nothing where two are as near', () => {
    expect(networkFacts.suggest('p-sepolia', 2)).toBeUndefined()
    expect(networkFacts.suggest('op-sepolia', 2)?.label).toBe('eip155:11155420')
  })
})
