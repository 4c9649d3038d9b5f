import { x402Client as OfficialClient } from '@x402/core/client'
import { ExactEvmScheme as OfficialScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment as wrapOfficially } from '@x402/fetch'
import { type ClientOptions, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { createSeller, type PayFault, testAccounts } from 'pay402/testing'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it, onTestFinished } from 'vitest'

/** What README says that pay402 saves over the plain official client: both make the same calls, at sellers of the same script. */

type Buy = typeof fetch

const account = privateKeyToAccount(testAccounts.evm.privateKey)

function wrapPlain(): Buy {
  return wrapOfficially(fetch, new OfficialClient().register('eip155:*', new OfficialScheme(account)))
}

function wrapOurs(limits: NonNullable<ClientOptions['limits']> = {}): Buy {
  return wrapFetchWithPayment(fetch, new x402Client({ limits }).register('eip155:*', new ExactEvmScheme(account)))
}

/** Lets a buyer make one call again and again, as a retry does, and counts the payments that were taken. */
async function countTaken(buy: Buy, whenPaid: readonly PayFault[], calls: number): Promise<number> {
  const seller = createSeller({ whenPaid, redelivers: true })
  const { url, stop } = await seller.listen()
  onTestFinished(stop)
  for (let call = 0; call < calls; call++) {
    await buy(`${url}/report`, { method: 'POST', body: 'question' }).catch(() => undefined)
  }
  return seller.payments.filter(({ state }) => state === 'settled').length
}

describe('the same calls, by the official client and by pay402:', () => {
  it.each([
    ['a response that was lost, and the call again', ['loses-response'], 2, [2, 1]],
    ['a seller that takes and fails, and the call three times', ['takes-and-fails', 'takes-and-fails'], 3, [3, 1]],
    [
      'a seller that takes and asks again, and the call three times',
      ['takes-and-asks-again', 'takes-and-asks-again', 'takes-and-asks-again'],
      3,
      [3, 1],
    ],
  ] as const)('%s', async (_what, whenPaid, calls, [plain, ours]) => {
    expect(await countTaken(wrapPlain(), whenPaid, calls)).toBe(plain)
    expect(await countTaken(wrapOurs(), whenPaid, calls)).toBe(ours)
  })

  it('a budget of five cents and ten calls at one', async () => {
    expect(await countTaken(wrapPlain(), [], 10)).toBe(10)
    expect(await countTaken(wrapOurs({ perDay: '$0.05' }), [], 10)).toBe(5)
  })
})
