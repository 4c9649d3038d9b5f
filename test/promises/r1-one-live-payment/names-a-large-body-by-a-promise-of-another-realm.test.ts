import { runInNewContext } from 'node:vm'
import { expect, it, vi } from 'vitest'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

it('R1, two large bodies are two purchases, also where the platform’s promises are of another realm', async () => {
  const { subtle } = crypto
  const digest = subtle.digest.bind(subtle)
  const Other: PromiseConstructor = runInNewContext('Promise')
  const platform = vi.spyOn(subtle, 'digest').mockImplementation((...asked) => Other.resolve(digest(...asked)))
  try {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer()
    const post = (letter: string) =>
      buyer.paidFetch(seller.url, { method: 'POST', body: letter.repeat(70_000), x402: { redeliver: 'never' } })
    expect(await refusalOf(post('a'))).toMatchObject({ code: 'ANSWER_LOST' })
    expect((await post('b')).status).toBe(200)
    expect(buyer.signatures()).toBe(2)
  } finally {
    platform.mockRestore()
  }
})
