import { describe, expect, it } from 'vitest'
import { createShop, SOLD } from '../../../unit/agents/create-shop.js'

describe('a model that fills every field', () => {
  it.each([{ body: '' }, { max: '' }, { max: ' ' }, { method: '' }, { method: ' ', body: '', max: '', headers: [] }])(
    'as %o means that it leaves out the empty ones',
    async (empty) => {
      const { buy } = createShop()
      expect(await buy({ url: SOLD, ...empty })).toMatchObject({ outcome: 'received', price: '$0.01' })
    },
  )
})
