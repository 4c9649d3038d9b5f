import { x402ExactPermit2ProxyABI, x402UptoPermit2ProxyABI } from '@x402/evm'
import fc from 'fast-check'
import { type Abi, encodeAbiParameters, encodeFunctionData, parseAbi, toEventSelector } from 'viem'
import { expect, test } from 'vitest'
import type { EvmLog } from '../../../../../schemes/evm/chain/chain.js'
import type { Hex } from '../../../../../schemes/evm/index.js'
import { EXACT_PROXY, PERMIT2, UPTO_PROXY } from '../../../../../schemes/evm/permit2/contracts.js'
import {
  encodeInvalidate,
  findInvalidation,
  readPermit2Nonce,
  toInvalidationTopics,
} from '../../../../../schemes/evm/permit2/nonce.js'
import { readSettlement } from '../../../../../schemes/evm/permit2/settlement.js'

const payer = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
const payTo = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
const uint256 = fc.bigInt(0n, 2n ** 256n - 1n)
const abi = parseAbi(['function invalidateUnorderedNonces(uint256 wordPos, uint256 mask)'])

function read(nonce: string) {
  const found = readPermit2Nonce({ payer, nonce })
  if (found === undefined) throw new Error('It is no nonce of Permit2.')
  return found
}

test('encodeInvalidate: cancels one nonce and no other, for any nonce', () => {
  fc.assert(
    fc.property(uint256, (nonce) => {
      const { word, mask } = read(String(nonce))
      expect(word * 256n + BigInt(mask.toString(2).length - 1)).toBe(nonce)
      const expected = encodeFunctionData({ abi, functionName: 'invalidateUnorderedNonces', args: [word, mask] })
      expect(encodeInvalidate(read(String(nonce)))).toBe(expected)
    }),
  )
})

test.each([
  ['a nonce of EIP-3009', { nonce: `0x${'a1'.repeat(32)}` }],
  ['a nonce of 2^256', { nonce: String(2n ** 256n) }],
  ['a nonce with a leading zero', { nonce: '01' }],
  ['a negative nonce', { nonce: '-1' }],
  ['a payer that is a name', { payer: 'buyer.eth' }],
])('readPermit2Nonce: takes no record with %s', (_what, changes) => {
  expect(readPermit2Nonce({ payer, nonce: '7', ...changes })).toBeUndefined()
})

const nonce = read(String(2n ** 200n + 5n))
const log = (changes: Partial<EvmLog> = {}): EvmLog => ({
  address: PERMIT2,
  topics: toInvalidationTopics(nonce),
  data: encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [nonce.word, nonce.mask]),
  blockNumber: 7,
  transaction: `0x${'cd'.repeat(32)}`,
  ...changes,
})

test('findInvalidation: knows the event by what its signature hashes to', () => {
  const [event] = toInvalidationTopics(nonce)
  expect(event).toBe(toEventSelector('UnorderedNonceInvalidation(address,uint256,uint256)'))
  expect(findInvalidation([log()], nonce)).toEqual(log())
})

test.each<[what: string, changes: Partial<EvmLog>]>([
  ['of another contract', { address: payTo }],
  ['of another owner', { topics: [toInvalidationTopics(nonce)[0], `0x${'0'.repeat(64)}`] }],
  ['of another kind', { topics: [`0x${'0'.repeat(64)}`, toInvalidationTopics(nonce)[1]] }],
  ['of another word', { data: `0x${'0'.repeat(128)}` }],
  ['of another bit', { data: encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [nonce.word, 1n]) }],
  ['without data', { data: '0x' }],
])('findInvalidation: finds none in an event %s', (_what, changes) => {
  expect(findInvalidation([log(changes)], nonce)).toBeUndefined()
})

const permitted = { token: payTo, amount: 10_000n }
const permit2612 = { value: 1n, deadline: 2n, r: `0x${'12'.repeat(32)}`, s: `0x${'34'.repeat(32)}`, v: 27 }

test.each([
  ['exact', EXACT_PROXY, x402ExactPermit2ProxyABI, 'settle', 10_000n],
  ['exact', EXACT_PROXY, x402ExactPermit2ProxyABI, 'settleWithPermit', 10_000n],
  ['upto', UPTO_PROXY, x402UptoPermit2ProxyABI, 'settle', 1_234n],
  ['upto', UPTO_PROXY, x402UptoPermit2ProxyABI, 'settleWithPermit', 1_234n],
])(
  'readSettlement: reads what the official facilitator sends, for any nonce: %s, %s, %s, %s',
  (scheme, to, given, functionName, taken) => {
    fc.assert(
      fc.property(uint256, (used) => {
        const input = encodeFunctionData({
          abi: given as Abi,
          functionName,
          args: [
            ...(functionName === 'settle' ? [] : [permit2612]),
            { permitted, nonce: used, deadline: 5n },
            ...(scheme === 'upto' ? [1_234n] : []),
            payer,
            { to: payTo, ...(scheme === 'upto' && { facilitator: payTo }), validAfter: 0n },
            `0x${'ab'.repeat(65)}`,
          ],
        })
        expect(readSettlement({ to, input })).toEqual({ owner: payer.toLowerCase(), nonce: used, amount: taken })
        expect(readSettlement({ to: payTo, input })).toBeUndefined()
        expect(readSettlement({ to: undefined, input })).toBeUndefined()
        expect(readSettlement({ to, input: input.slice(0, 200) as Hex })).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  },
)

test.each<Hex>(['0x', '0x13cd3b53', `0x00000000${'0'.repeat(1_000)}`])(
  'readSettlement: reads nothing in %s',
  (input) => {
    expect(readSettlement({ to: EXACT_PROXY, input })).toBeUndefined()
  },
)
