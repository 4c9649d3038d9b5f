import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { askThrough } from '../../support/conformance/ask-through.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer, createCountingSigner } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, type PaidAnswer, paymentHeaders, pays, says } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const post: PaidRequestInit = { method: 'POST', body: 'question', x402: { redeliver: 'never' } }
const calls = (count: number, ask: () => Promise<unknown>) => Promise.allSettled(Array.from({ length: count }, ask))
const fulfilled = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(({ status }) => status === 'fulfilled').length

/** Calls that are one purchase while they are in flight, by what they say. */
const joined = { 'under a key': { purchase: 'order-7' }, 'that join': { inFlight: 'join' } } as const

/** The same dollars on a chain that the lost payment isn't on. Source: `@x402/evm` 2.27, default assets. */
const elsewhere = createOffer({
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  extra: { name: 'USD Coin', version: '2' },
})

for (const [door, openDoor] of Object.entries(askThrough)) {
  for (const [where, createLedger] of ledgers) {
    describe(`R1, after a response was lost, through ${door}${where}:`, () => {
      /** A buyer whose first payment got no response, and whose next ones get these. */
      async function openShop(...answers: readonly PaidAnswer[]) {
        const seller = await openSeller(inTurn(drops, ...answers))
        const buyer = createBuyer({ ledger: createLedger(), circuit: false })
        const ask = openDoor(buyer.client)
        expect(await refusalOf(ask(seller.url, post))).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
        return { ...buyer, seller, again: () => ask(seller.url, post) }
      }

      it('five concurrent calls that nobody delivers to make no more payments than there are calls', async () => {
        const { seller, again, signatures } = await openShop(says(500))
        await calls(5, again)
        expect(signatures()).toBeLessThanOrEqual(5)
        expect(seller.authorizations().size).toBe(signatures())
      })

      it.each(Object.entries(joined))('five concurrent calls %s sign nothing, delivered or not', async (_how, x402) => {
        for (const answer of [pays, says(500)]) {
          const seller = await openSeller(inTurn(drops, answer))
          const { client, signatures } = createBuyer({ ledger: createLedger(), circuit: false })
          const ask = openDoor(client)
          const init = { ...post, x402: { redeliver: 'never' as const, ...x402 } }
          expect(await refusalOf(ask(seller.url, init))).toMatchObject({ code: 'ANSWER_LOST' })
          await calls(5, () => ask(seller.url, init))
          expect(seller.authorizations().size).toBe(1)
          expect(signatures()).toBe(1)
        }
      })

      it('one of five concurrent calls is delivered what was paid, and each of the others is a purchase', async () => {
        const { seller, again, signatures } = await openShop(pays)
        expect(fulfilled(await calls(5, again))).toBe(5)
        expect(seller.authorizations().size).toBe(5)
        expect(signatures()).toBe(5)
      })

      it('an agent that may spend nothing keeps it from nobody, however often it asks', async () => {
        const { seller, again, client, signatures } = await openShop(pays)
        const poor = openDoor(client.restrict({ reach: 'anywhere', perPayment: '$0' }))
        const noise = calls(10, () => poor(seller.url, post))
        expect(await again()).toMatchObject({ status: 200 })
        await noise
        expect(seller.authorizations().size).toBe(1)
        expect(signatures()).toBe(1)
      })

      it('a client with another account pays nothing while it is alive', async () => {
        const { seller, ledger, signatures } = await openShop(pays)
        const rotated = new x402Client({ ledger }).register(
          'eip155:*',
          new ExactEvmScheme(privateKeyToAccount(`0x${'22'.repeat(32)}`)),
        )
        const ask = openDoor(rotated)
        for (const outcome of await calls(3, () => ask(seller.url, post))) {
          expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PAID_PERHAPS', money: 'untouched' } })
        }
        expect(seller.authorizations().size).toBe(1)
        expect(signatures()).toBe(1)
      })

      it('a seller that offers another chain first is presented the same payment', async () => {
        let asks = 0
        const seller = await openSeller((request, response) => {
          if (request.payment === undefined)
            return askToPay(response, createRequired(asks++ === 0 ? undefined : [elsewhere, createOffer()]))
          return asks === 1 ? drops(request, response) : deliver(response, request)
        })
        const { client, signatures } = createBuyer({ ledger: createLedger() })
        const ask = openDoor(client)
        expect(await refusalOf(ask(seller.url, post))).toMatchObject({ code: 'ANSWER_LOST' })
        expect(await ask(seller.url, post)).toMatchObject({ status: 200 })
        expect(new Set(paymentHeaders(seller)).size).toBe(1)
        expect(signatures()).toBe(1)
      })

      it('a seller that offers another chain alone is paid nothing', async () => {
        let asks = 0
        const seller = await openSeller((request, response) => {
          if (request.payment !== undefined) return drops(request, response)
          return askToPay(response, createRequired(asks++ === 0 ? undefined : [elsewhere]))
        })
        const { client, signatures } = createBuyer({ ledger: createLedger() })
        const ask = openDoor(client)
        expect(await refusalOf(ask(seller.url, post))).toMatchObject({ code: 'ANSWER_LOST' })
        for (const outcome of await calls(3, () => ask(seller.url, post))) {
          expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'TERMS_CHANGED_WHILE_PAID' } })
        }
        expect(signatures()).toBe(1)
      })
    })
  }

  describe(`R1, \`resign\` with a slow node, through ${door}:`, () => {
    it('two clients that wait for the same proof sign once more between them', async () => {
      const seller = await openSeller(inTurn(drops, pays))
      const clock = createBriskClock()
      const [first, second] = [createCountingSigner(), createCountingSigner()]
      const ledger = ledgers[1]?.[1]()
      const open = ({ signer }: ReturnType<typeof createCountingSigner>) => {
        const scheme = Object.assign(new ExactEvmScheme(signer), {
          canReconcile: () => true,
          async reconcile() {
            await new Promise((resolve) => setTimeout(resolve, 60))
            return { verdict: 'unspent-and-dead' as const }
          },
        })
        const options = { clock, resign: 'when-proven-unspent' as const, ...(ledger && { ledger }) }
        return openDoor(new x402Client(options).register('eip155:*', scheme))
      }
      const asks = [open(first), open(second)]
      const order: PaidRequestInit = { ...post, x402: { redeliver: 'never', purchase: 'order-7' } }
      expect(await refusalOf(asks[0]?.(seller.url, order) ?? Promise.resolve())).toMatchObject({ code: 'ANSWER_LOST' })
      clock.advance(121)
      const outcomes = await Promise.allSettled(asks.flatMap((ask) => [ask(seller.url, order), ask(seller.url, order)]))
      expect(fulfilled(outcomes)).toBeGreaterThan(0)
      expect(first.signatures() + second.signatures()).toBe(2)
      expect(seller.authorizations().size).toBe(2)
    })
  })
}
