import * as chains from 'viem/chains'
import { expect, test } from 'vitest'
import { listKnownAssets } from '../../../../schemes/evm/assets/known-assets.js'
import { toExplorerUrl } from '../../../../schemes/evm/chain/explorer.js'

const hash = `0x${'aB'.repeat(32)}`

test('toExplorerUrl: links to the explorers that viem names', () => {
  const linked = [...new Set(listKnownAssets().map(({ network }) => network))].flatMap((network) => {
    const url = toExplorerUrl(hash, network)
    return url === undefined ? [] : [{ network, url }]
  })
  expect(linked.length).toBeGreaterThan(15)
  for (const { network, url } of linked) {
    const named = Object.values(chains)
      .filter(({ id }) => `eip155:${id}` === network)
      .flatMap((chain) => ('blockExplorers' in chain ? [chain.blockExplorers?.default.url.replace(/\/$/, '')] : []))
    expect(named.map((explorer) => `${explorer}/tx/${hash}`)).toContain(url)
  }
})

test('toExplorerUrl: links to Base', () => {
  expect(toExplorerUrl(hash, 'eip155:8453')).toBe(`https://basescan.org/tx/${hash}`)
})

test.each([
  ['a network without a known explorer', hash, 'eip155:31337'],
  ['a chain of another kind', hash, 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
  ['an object key', hash, 'eip155:__proto__'],
  ['a short hash', '0xab', 'eip155:8453'],
  ['a hash without 0x', 'ab'.repeat(32), 'eip155:8453'],
  ['a path', `0x${'ab'.repeat(31)}/../evil`, 'eip155:8453'],
] as const)('toExplorerUrl: answers undefined for %s', (_what, transaction, network) => {
  expect(toExplorerUrl(transaction, network)).toBeUndefined()
})
