import type { Network } from '../../../src/wire/network.js'
import type { Hex } from '../hex.js'

/** A token that is worth a dollar, and what a wallet must know to sign for it. */
export type KnownAsset = {
  /** The chain: `eip155:<chain id>`. */
  network: Network
  /** The token's contract. */
  asset: string
  /** What people call it; only ever shown. */
  symbol: string
  /** Digits behind the point: 6 where a million atomic units are a dollar. */
  decimals: number
  /** `name` of the token's EIP-712 domain. It is what the contract says, not the symbol: Circle's tokens differ from chain to chain. */
  name: string
  /** `version` of the token's EIP-712 domain. */
  version: string
  /** `'permit2'` for a token without `transferWithAuthorization` (EIP-3009). */
  assetTransferMethod?: 'permit2' | undefined
}

type Token = readonly [symbol: string, decimals: number, name: string, version: string, assetTransferMethod?: 'permit2']

/**
 * Tokens, and where each of them is, by chain id.
 *
 * Sources: `DEFAULT_ASSETS` of `@x402/evm` 2.27.0. The rows that it lacks are marked; their addresses are from Circle ("USDC contract
 * addresses" on developers.circle.com, and the chains of Circle's `@circle-fin/bridge-kit` 1.15.1), their names and versions are the
 * pair from which the `DOMAIN_SEPARATOR()` that the contract answers can be rebuilt, which the tests pin.
 */
const TABLE: readonly (readonly [token: Token, contracts: { readonly [chainId: number]: Hex }])[] = [
  [
    ['USDC', 6, 'USD Coin', '2'],
    {
      1: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
      10: '0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85', // Circle
      137: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359',
      8453: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
      42161: '0xaf88d065e77c8cC2239327C5EDb3A432268e5831',
      43113: '0x5425890298aed601595a70AB815c96711a31Bc65', // Circle
      43114: '0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E',
      421614: '0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d',
    },
  ],
  [
    ['USDC', 6, 'USDC', '2'],
    {
      50: '0xfA2958CB79b0491CC627c1557F441eF849Ca8eb1',
      51: '0xb5AB69F7bBada22B28e79C8FFAECe55eF1c771D4',
      130: '0x078D782b760474a361dDA0AF3839290b0EF57AD6', // Circle
      143: '0x754704Bc059F8C67012fEd69BC8A327a5aafb603',
      146: '0x29219dd400f2Bf60E5a23d13Be72B486D4038894', // Circle
      480: '0x79A02482A880bCE3F13e09Da970dC34db4CD24d1', // Circle
      998: '0x2B3370eE501B4a559b57D449569354196457D8Ab', // Circle
      999: '0xb88339CB7199b77E23DB6E890353E22632Ba630f', // Circle
      1301: '0x31d0220469e10c4E71834a79b1f276d740d3768F', // Circle
      1328: '0x4fCF1784B31630811181f670Aea7A7bEF803eaED',
      1329: '0xe15fC38F6D8c56aF07bbCBe3BAf5708A2Bf42392',
      5042: '0x3600000000000000000000000000000000000000', // Circle: the 6-decimal ERC-20 face of Arc's own coin
      10143: '0x534b2f3A21130d7a60830c2Df862319e593943A3', // Circle
      42220: '0xcebA9300f2b948710d2653dD7B07f33A8B32118C',
      80002: '0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582', // Circle
      84532: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      5042002: '0x3600000000000000000000000000000000000000', // Circle
      11142220: '0x01C5C0122039549AD1493B8220cABEdD739BC44E',
      11155111: '0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238', // Circle
      11155420: '0x5fd84259d66Cd46123540766Be93DFE6D43130D7', // Circle
    },
  ],
  [
    ['USDC.e', 6, 'Bridged USDC', '2'],
    {
      181228: '0x401eCb1D350407f13ba348573E5630B83638E30D',
      190415: '0x401eCb1D350407f13ba348573E5630B83638E30D',
    },
  ],
  [['USDC.e', 6, 'USDC.e', '2'], { 36900: '0x9cb8142aEBBcdc60AF7c97Af897A67A8f3CA71C2' }],
  [
    ['USDT0', 6, 'USDT0', '1'],
    {
      988: '0x779Ded0c9e1022225f8E0630b35a9b54bE713736',
      2201: '0x78Cf24370174180738C5B8E352B6D14c83a6c9A9',
    },
  ],
  [['USDT0', 6, 'USD\u20AE0', '1'], { 14: '0xe7cd86e13AC4309349F30B3435a9d337750fC82D' }],
  [['USDT', 6, 'Tether USD', '1'], { 42220: '0x48065fbBE25f71C9282ddf5e1cD6D6A887483D5e' }],
  [['USAT', 6, 'Tether America USD', '1'], { 42220: '0xD2ab3C9A02DBBAB236BfEC45D1d755DF4267F771' }],
  [['USDC', 6, 'USDC', '1', 'permit2'], { 38833: '0xA5b8BF902b2844dA17d4506cc827F7F1681735E7' }],
  [['MegaUSD', 18, 'MegaUSD', '1', 'permit2'], { 4326: '0xFAfDdbb3FC7688494971a79cc65DCa3EF82079E7' }],
  [
    ['mUSD', 18, 'Mezo USD', '1', 'permit2'],
    {
      31611: '0x118917a40FAF1CD7a13dB0Ef56C86De7973Ac503',
      31612: '0xdD468A1DDc392dcdbEf6db6e34E89AA338F9F186',
    },
  ],
  [
    ['SBC', 6, 'Stable Coin', '1', 'permit2'],
    {
      72344: '0x33ad9e4BD16B69B5BFdED37D8B5D9fF9aba014Fb',
      723487: '0x33ad9e4BD16B69B5BFdED37D8B5D9fF9aba014Fb',
    },
  ],
]

/** Every known asset. */
export function listKnownAssets(): KnownAsset[] {
  return TABLE.flatMap(([[symbol, decimals, name, version, assetTransferMethod], contracts]) =>
    Object.entries(contracts).map(([chainId, asset]) => ({
      network: `eip155:${chainId}` as const,
      asset,
      symbol,
      decimals,
      name,
      version,
      assetTransferMethod,
    })),
  )
}
