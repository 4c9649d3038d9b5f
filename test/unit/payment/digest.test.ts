import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { digestBytes, digestText } from '../../../src/payment/digest.js'

it.each([0, 1, 63, 64, 4095, 4096, 4097, 100_000])('digestBytes: is SHA-256 of %s bytes', async (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) % 256)
  expect(await digestBytes(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
})

it('digestText: runs no two lists of texts together into one', async () => {
  const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', '']]
  expect(new Set(await Promise.all(lists.map((parts) => digestText(parts)))).size).toBe(lists.length)
})
