import { expect, it } from 'vitest'
import { MAX_SELLER_TEXT, toSellerText } from '../../../src/wire/seller-text.js'

it('toSellerText: keeps one bounded line without control or bidirectional characters', () => {
  expect(toSellerText('a\u0000b\nc\u202Ed\u2028e\u200Bf')).toBe('a b cd ef')
  expect(toSellerText('x '.repeat(50_000))).toHaveLength(MAX_SELLER_TEXT + 1)
  expect([toSellerText(''), toSellerText(' \n '), toSellerText(7), toSellerText(undefined)]).toEqual(
    new Array(4).fill(undefined),
  )
})
