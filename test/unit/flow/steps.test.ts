import { expect, it } from 'vitest'
import { authorize } from '../../../src/flow/authorize.js'
import { deliver } from '../../../src/flow/deliver.js'
import { readReceipt } from '../../../src/flow/read-receipt.js'
import { select } from '../../../src/flow/select.js'
import { sign } from '../../../src/flow/sign.js'

const forged: never = Object.freeze({ selected: {}, id: 'forged', signed: {} }) as never

it('sign: refuses what authorize did not make, at run time too', async () => {
  await expect(sign(forged, forged)).rejects.toThrow('only what `authorize` made')
})

it('authorize: refuses what select did not make', async () => {
  await expect(authorize(forged, forged, forged)).rejects.toThrow('only what `select` made')
})

it('deliver: refuses what sign did not make', async () => {
  await expect(deliver(forged, forged, forged)).rejects.toThrow('only what `sign` made')
})

it('select: refuses what read-challenge did not make', async () => {
  await expect(select(forged, forged)).rejects.toThrow('only what `read-challenge` made')
})

it('read-receipt: refuses what deliver did not make', async () => {
  await expect(readReceipt(forged, forged)).rejects.toThrow('only what `deliver` made')
})
