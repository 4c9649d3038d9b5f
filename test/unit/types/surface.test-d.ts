import type { SchemeNetworkClient as OfficialScheme } from '@x402/core/types'
import type { ExactEvmScheme as OfficialExactEvmScheme } from '@x402/evm/exact/client'
import { expectTypeOf, test } from 'vitest'
import type { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type SchemeNetworkClient, x402Client } from '../../../src/index.js'

test('a scheme written for the official client registers here', () => {
  expectTypeOf<OfficialScheme>().toExtend<SchemeNetworkClient>()
  expectTypeOf<OfficialExactEvmScheme>().toExtend<SchemeNetworkClient>()
})

test('a scheme of ours registers in the official client', () => {
  expectTypeOf<ExactEvmScheme>().toExtend<OfficialScheme>()
})

test('a wrapped fetch has the shape of fetch', () => {
  expectTypeOf<ReturnType<typeof wrapFetchWithPayment>>().toExtend<typeof fetch>()
})

test('a number is not money', () => {
  // @ts-expect-error a number says neither unit nor decimals
  new x402Client({ limits: { perPayment: 1 } })
  new x402Client({ limits: { perPayment: '$1' } })
})
