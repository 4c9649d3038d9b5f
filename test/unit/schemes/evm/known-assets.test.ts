import { DEFAULT_ASSETS } from '@x402/evm'
import { describe, expect, test } from 'vitest'
import { readAddress } from '../../../../schemes/evm/address.js'
import { isDomainText } from '../../../../schemes/evm/assets/domain-text.js'
import { listKnownAssets } from '../../../../schemes/evm/assets/known-assets.js'
import { readChainId } from '../../../../schemes/evm/chain-id.js'
import { hashDomain } from '../../../../schemes/evm/wallet/typed-data.js'

const assets = listKnownAssets()

test.each(assets)('known asset $symbol on $network: is written canonically and can be signed for', (known) => {
  expect(readAddress(known.asset)).toEqual({ value: known.asset })
  expect(readChainId(known.network)).toBeDefined()
  expect([known.name, known.version, known.symbol].every(isDomainText)).toBe(true)
})

test('known assets: name no contract twice', () => {
  const keys = assets.map(({ network, asset }) => `${network}/${asset}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('known assets: say what the official client says, for every asset that it knows', () => {
  for (const [network, list] of Object.entries(DEFAULT_ASSETS)) {
    for (const { asset, name, version, decimals, symbol, assetTransferMethod } of list) {
      const known = assets.find((candidate) => candidate.network === network && candidate.asset === asset)
      expect(known).toEqual({ network, asset, name, version, decimals, symbol, assetTransferMethod })
    }
  }
})

/**
 * What `DOMAIN_SEPARATOR()` answers on each chain, as public sources quote it: the pinned constants and readings of other projects
 * (found by the value itself), among them x402-foundation/x402#3105 (Monad) and #3102.
 */
const onChain: Record<string, string> = {
  'eip155:1': '0x06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335',
  'eip155:10': '0x26d9c34bb1a1c312f69c53b2d93b8be20faafba63af2438c6811713c9b1f933f',
  'eip155:130': '0x565b4c4095d739dada6adeb9a89bc6dc4d102500ebd4a88bef1ec1d0f69d83b8',
  'eip155:137': '0xcaa2ce1a5703ccbe253a34eb3166df60a705c561b44b192061e28f2a985be2ca',
  'eip155:143': '0xfe22123edc0dd4aeb912eb7948c5f0e531592c2053b3067612f427db342c93c6',
  'eip155:146': '0x47ff53f4cb866f027068ac56dedd98f6818c3ea4f1f60a1850d746944543ac12',
  'eip155:480': '0x936533d5f85622a8261854e20bb87f4e849dde486f429bc1fb66202b7cde09ec',
  'eip155:998': '0xf26c39ac3b2040472381fddbd35212755a23586ffb86e608e151af6caa1d465e',
  'eip155:999': '0x70a72998ad787d1a9152a8f88ccfe0766b1cb293b6b4011b34523035da10b0a3',
  'eip155:1301': '0x2a1fda83efdd0b06cf1a15e7ee9aa85aa7a1612ae5af0c599ecc6609e6afafa1',
  'eip155:1329': '0x0a19136106ae98d2c245cbbd451f3cb2bbbb1670e1ee191abacb5a5e255c0255',
  'eip155:5042': '0x940506929bba468048a19b567f4f0d534714bc06604b5c3017e5d16785ccdf84',
  'eip155:8453': '0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f',
  'eip155:10143': '0xf1090f5a61ddee19528cecc447be0f91c7205fc2b34dd271fc0de87809a0a48d',
  'eip155:42161': '0x08d11903f8419e68b1b8721bcbe2e9fc68569122a77ef18c216f10b3b5112c78',
  'eip155:42220': '0xb2ce31d2838445fa765a491f550e7c78ac7280ab0f3bc9d6063a86df9c3fb578',
  'eip155:43113': '0xfe9fa105a0e9629446730e544caa6b8d05d8d4fc93451750dc50e2ddd6d374b3',
  'eip155:43114': '0xbbea200329a938bc3438984a49cb0732e66d66d7bd59c127abacc1710e77f7b3',
  'eip155:80002': '0x5cddc98319864e897e4469bd1d13c2288c677047b54b8cca12bd342adb6be9eb',
  'eip155:84532': '0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818',
  'eip155:421614': '0x85944e1292d007732838d6eadfa67589b78ffcededbd4df60488d0af251308bb',
  'eip155:5042002': '0x361191522483d32a83e70ae7183b4b9629442c13a78bc9921d6f707911c8c6b0',
  'eip155:11155111': '0xb90e5057db141a932946e64d09ccb7ffc9b00bd79fec26f698d29af0c83320a6',
  'eip155:11155420': '0x09d038a3e46040fc37eb01174dbbcdb7981fbd8eafd9e1a857b1c67805dfb29e',
}

describe('USDC', () => {
  const official = new Set(Object.keys(DEFAULT_ASSETS))
  const usdc = assets.filter(({ symbol }) => symbol === 'USDC')

  test.each(usdc.filter(({ network }) => network in onChain))(
    'known asset USDC on $network: has the domain that the contract answers',
    ({ network, name, version, asset }) => {
      const chainId = readChainId(network)
      const address = readAddress(asset)
      if (chainId === undefined || 'problem' in address) throw new Error('The table is wrong.')
      expect(hashDomain({ name, version, chainId, verifyingContract: address.value })).toBe(onChain[network])
    },
  )

  test('known assets: hold no token beyond the official ones whose domain is not proven', () => {
    const unproven = assets.filter(({ network }) => !official.has(network) && !(network in onChain))
    expect(unproven).toEqual([])
  })
})
